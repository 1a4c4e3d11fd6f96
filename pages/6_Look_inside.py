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

# The digit stands beside what becomes of it, so that both are seen while the pen moves.
_STYLE = """<style>
@media (min-width: 1200px) {
  .block-container {padding-left: 2rem; padding-right: 2rem; max-width: 100rem}
  .stColumn:has(> * .st-key-looked_at) {max-width: 19rem; min-width: 15rem}
}
</style>"""

with page("Look inside", "What each layer makes of a digit, and what happens if you change it."):
    st.html(_STYLE)
    beside, inside = st.columns([1, 3], gap="medium")
    with beside.container(key="looked_at"):
        run = choose_run()
        if run is None:
            no_network_yet("you can look inside it here")
        epoch = choose_epoch(run)
        subject = choose_subject(run, epoch)
    with inside:
        section = choose_section(SECTIONS, "view")
        SECTIONS[section](subject)
