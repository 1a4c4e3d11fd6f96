"""Start a study (mnist_core/runs/analyses.py) and follow it: a button, then bars, then the page with the answer."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

from mnist_core.evaluation.statistics import share
from mnist_core.runs.analyses import Analysis, Study
from mnist_core.runs.run import Run
from ui.access import changes
from ui.access.account import editors_only
from ui.common import cache
from ui.common.actions import ask, show_refusal
from ui.common.run_selector import run_label
from ui.common.text import plain

T = TypeVar("T")

_WORDS = {"starting": "starting", "waiting": "waiting for another to end", "running": "running", "failed": "failed"}


def answers_beside(
    analysis: Analysis[T], run: Run, epoch: int, others: Sequence[Run], label: str, note: str
) -> tuple[list[str], dict[str, T]]:
    """The labels of this run and `others`, and what an analysis found of them, by label; what is missing is offered.

    `others` are asked as they answer now.
    """
    wanted = {"This run": (run, epoch)} | {run_label(other): (other, cache.answering_epoch(other)) for other in others}
    found: dict[str, T] = {}
    missing: dict[str, Study] = {}
    for what, (one, its_epoch) in wanted.items():
        kept = analysis.load(one, its_epoch)
        if kept is None:
            missing[what] = analysis.study(one, its_epoch)
        else:
            found[what] = kept
    if missing:
        watch(missing, label, note)
    return list(wanted), found


def watch(missing: Mapping[str, Study], label: str, note: str) -> None:
    """For the studies without an answer yet, by what they are about: a button that starts them, a bar while they run.

    They go on in processes of their own, whatever becomes of the page; it runs again when one is done.
    """
    states = {what: study.progress() for what, study in missing.items()}
    idle = {what: missing[what] for what, state in states.items() if state is None or not state.is_active}
    for what, state in states.items():
        if state and state.error:
            st.error(plain(f"{what}: {state.error}"), icon=":material/error:")
    show_refusal()
    if idle:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                label,
                type="primary",
                icon=":material/play_arrow:",
                on_click=ask,
                args=(_start, [*idle.values()]),
                key=label,
                **editors_only(),
            )
            st.caption(plain(f"{', '.join(idle)}: {note}"))
    active = {what: missing[what] for what, state in states.items() if state and state.is_active}
    if active:
        _follow(active)


def _start(studies: list[Study]) -> None:
    for study in studies:
        changes.start_study(study)


@st.fragment(run_every=0.5)
def _follow(studies: Mapping[str, Study]) -> None:
    for what, study in studies.items():
        state = study.progress()
        if state is None or not state.is_active:
            st.rerun()
        st.progress(state.share, text=plain(f"{what}: {_WORDS[state.state]}, {share(state.share, 0)} done"))
