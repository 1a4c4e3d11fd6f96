"""Look inside: a network drawn and thinking, its kernels, why it answered so, broken on purpose, and fooled."""

from collections.abc import Callable

import streamlit as st

from ui.common.page import choose_section, no_network_yet, page
from ui.common.run_selector import choose_run
from ui.inside import break_it, fool_it, kernels, living, why
from ui.inside.subject import Subject, choose_epoch, choose_subject

# Each section looks at one digit in one network. Only the chosen one is computed.
SECTIONS: dict[str, Callable[[Subject], None]] = {
    "The living network": living.show,
    "Kernels": kernels.show,
    "Why": why.show,
    "Break it": break_it.show,
    "Fool it": fool_it.show,
}

with page("Look inside", "What each layer makes of a digit, and what happens if you change it."):
    left, right = st.columns(2)
    with left:
        run = choose_run()
    if run is None:
        no_network_yet("you can look inside it here")
    with right:
        epoch = choose_epoch(run)
    subject = choose_subject(run, epoch)
    section = choose_section(SECTIONS, "view")
    SECTIONS[section](subject)
