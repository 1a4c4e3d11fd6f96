"""Mistakes: how many test digits a run misreads, which, as what, and why."""

from collections.abc import Callable

import streamlit as st

from mnist_core.evaluation import last_epoch
from mnist_core.runs import Run
from ui import calibration, digit_map, digit_scores, label_lens, mistakes, quiz, robustness, two_runs
from ui.frame import no_network_yet, page
from ui.run_choice import choose_run

# Each section shows what one run says after one epoch. Only the chosen one is computed.
SECTIONS: dict[str, Callable[[Run, int], None]] = {
    "Mistakes": mistakes.show,
    "Digit by digit": digit_scores.show,
    "Labels": label_lens.show,
    "Two runs": two_runs.show,
    "Calibration": calibration.show,
    "Robustness": robustness.show,
    "Map": digit_map.show,
    "Can you read it?": quiz.show,
}

with page("Mistakes", "The test digits a network misreads, and what it takes them for."):
    run = choose_run()
    if run is None:
        no_network_yet("its mistakes appear here")

    first = next(iter(SECTIONS))
    section = st.segmented_control(
        "Section",
        list(SECTIONS),
        default=first,
        required=True,
        key="section",
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    SECTIONS[section or first](run, last_epoch(run))
