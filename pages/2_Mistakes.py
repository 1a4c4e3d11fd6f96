"""Mistakes: which test digits a run gets wrong, as what, and why."""

from collections.abc import Callable

import streamlit as st

from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.page import choose_section, no_network_yet, page
from ui.common.run_selector import choose_run
from ui.common.text import plain
from ui.export.take_away import take_away
from ui.mistakes import (
    calibration,
    compare_runs,
    label_errors,
    overview,
    per_digit,
    projection,
    quiz,
    robustness,
)

# Each section shows what one run says after one epoch. Only the chosen one is computed.
SECTIONS: dict[str, Callable[[Run, int], None]] = {
    "Mistakes": overview.show,
    "Digit by digit": per_digit.show,
    "Labels": label_errors.show,
    "Two runs": compare_runs.show,
    "Calibration": calibration.show,
    "Robustness": robustness.show,
    "Map": projection.show,
    "Can you read it?": quiz.show,
}

with page("Mistakes", "The test digits a network gets wrong, and what it takes them for."):
    run = choose_run()
    if run is None:
        no_network_yet("its mistakes appear here")

    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        section = choose_section(SECTIONS, "section")
        take_away(run, "Mistakes")
    epoch = cache.answering_epoch(run)
    if why := run.answers_damage(epoch):
        st.warning(plain(why), icon=":material/warning:")
    SECTIONS[section](run, epoch)
