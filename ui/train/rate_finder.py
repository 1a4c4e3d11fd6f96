"""Find a learning rate from the Train page: a dialog that lets it rise, and fills the slider with what came of it."""

import streamlit as st

from mnist_core.config.train_config import TrainConfig
from mnist_core.plots.rate_finder import rate_finder_figure
from mnist_core.sweeps import rate
from ui.access import changes
from ui.access.account import editors_only
from ui.common.actions import ask, show_refusal
from ui.common.text import plain
from ui.components.live_chart import live_chart
from ui.train.settings_form import fill


def rate_finder_button(config: TrainConfig | None) -> None:
    """Opens the dialog."""
    label = "Find a learning rate"
    if st.button(label, icon=":material/speed:", width="stretch", disabled=config is None) and config is not None:
        _find(config)


@st.dialog("Find a learning rate", width="large")
def _find(config: TrainConfig) -> None:
    st.markdown(
        "A fresh network with these settings makes 300 updates while the rate rises from 0.00001 to 10. Where it is "
        "too small nothing happens, then the loss falls, and where it is too large it rises again."
    )
    show_refusal()
    found = rate.read(config)
    if found is None or found.error:
        if found is not None:
            st.error(plain(found.error), icon=":material/error:")
        st.button(
            "Raise the rate",
            type="primary",
            icon=":material/play_arrow:",
            on_click=ask,
            args=(changes.find_rate, config),
            **editors_only(help="It takes some seconds. Nothing of it is kept but the curve."),
        )
    else:
        _follow(config)


@st.fragment(run_every=0.5)
def _follow(config: TrainConfig) -> None:
    found = rate.read(config)
    if found is None:
        st.error("The test ended without an answer: close this and try again.", icon=":material/error:")
    elif found.error:
        st.error(plain(found.error), icon=":material/error:")
    elif found.is_ready:
        _show(found)
    else:
        st.progress(found.share, text="Raising the rate")


def _show(found: rate.RateAnswer) -> None:
    live_chart(rate_finder_figure(found.points, found.suggestion), key="rate_chart", alt=found.reason, height=320)
    st.markdown(plain(found.reason))
    if found.suggestion is not None and st.button(
        f"Use {found.suggestion:g}",
        type="primary",
        icon=":material/check:",
        on_click=fill,
        args=({"learning_rate": found.suggestion},),
    ):
        st.rerun()
