"""Diagnosis: what went wrong in a run, why one may say so, and a button that puts the cure into the settings."""

import streamlit as st

from mnist_core.evaluation.diagnosis import Finding
from ui.train.settings_form import fill

HEIGHT = 190  # fixed: what stands below stays where it is when something is found


def diagnosis(findings: list[Finding]) -> None:
    """The findings, the gravest first."""
    with st.container(border=True, height=HEIGHT, key="diagnosis"):
        if not findings:
            st.markdown("**Diagnosis:** no problem found.")
            st.caption(
                "Checked: a loss that diverges or barely falls, a momentum too large for the learning rate, "
                "overfitting, units that have died, too few epochs."
            )
        for finding in findings:
            st.markdown(f":material/warning: **{finding.title}**  \n{finding.reason}")
            st.button(
                finding.cure_label,
                key=f"cure_{finding.rule}",
                icon=":material/healing:",
                on_click=_apply,
                args=(finding,),
                help="Sets the sliders for the next training: " + _cure_in_words(finding),
            )


def _apply(finding: Finding) -> None:
    fill(finding.cure)
    st.toast(f"The settings now have {_cure_in_words(finding)}: press Start training.", icon=":material/healing:")


def _cure_in_words(finding: Finding) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in finding.cure.items())
