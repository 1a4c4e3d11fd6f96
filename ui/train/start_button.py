"""The Start button: pressed several times before its run is on the page, it starts one run."""

import time
from dataclasses import dataclass

import streamlit as st

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from mnist_core.runs.records import ACTIVE
from mnist_core.runs.run import Run
from ui.common.refusals import ask

DOUBLE_CLICK_SECONDS = 1.0  # a press so soon after the run has been shown was made before it
_STARTED = "started"


@dataclass
class _Started:
    config: TrainConfig
    run: Run
    shown_at: float | None = None  # time.monotonic() when the page had been drawn with it


def start_button(config: TrainConfig | None) -> None:
    """Start a training with these settings; None, where they exclude each other, starts nothing."""
    st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=config is None,
        help="These settings exclude each other: see the sentence beside them." if config is None else None,
        on_click=ask if config else None,
        args=(_start, config),
    )


def started_run_is_shown() -> None:
    """Call at the end of the page: from now on another press means another run."""
    started: _Started | None = st.session_state.get(_STARTED)
    if started and started.shown_at is None:
        started.shown_at = time.monotonic()


def _start(config: TrainConfig) -> Run:
    # Not the time between two presses: the page may be seconds late, and handles the second press that much later.
    started: _Started | None = st.session_state.get(_STARTED)
    if started and started.config == config and _is_news(started):
        return started.run
    run = launcher.start(config)
    st.session_state[_STARTED] = _Started(config, run)
    return run


def _is_news(started: _Started) -> bool:
    """Whether the run trains, and somebody who presses cannot have seen it yet."""
    if started.run.status().state not in ACTIVE:
        return False
    return started.shown_at is None or time.monotonic() - started.shown_at < DOUBLE_CLICK_SECONDS
