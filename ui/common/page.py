"""What every page shares: its title and menu, and errors shown as a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import streamlit as st

from mnist_core.system.files import REPOSITORY
from mnist_core.system.trouble import as_sentence
from ui.common.actions import presses
from ui.common.text import plain

ICON = REPOSITORY / "static" / "icon.png"  # a local file: Streamlit fetches icon fonts for a tab from the network
MENU = (
    ("streamlit_app.py", "Home", ":material/home:"),
    ("pages/1_Train.py", "Train", ":material/model_training:"),
    ("pages/2_Mistakes.py", "Mistakes", ":material/search:"),
    ("pages/3_Draw.py", "Draw", ":material/draw:"),
)

_STYLE = """<style>
.block-container {padding-top: 2.6rem; max-width: 78rem}
@media (max-width: 640px) {.stColumn:has(.st-key-training) {order: -1}}
img.digit {image-rendering: pixelated; background: #000; border-radius: 3px; display: block}
</style>"""


@contextmanager
def page(title: str, about: str) -> Iterator[None]:
    """Begin a page: browser title, menu, heading and one line on what it is for.

    An error with a message for a person ends the page with that sentence, never with a traceback.
    """
    st.set_page_config(page_title=f"{title} · MNIST lab", page_icon=str(ICON), layout="wide")
    st.html(_STYLE)
    with st.sidebar:
        st.markdown("### MNIST lab")
        for script, label, its_icon in MENU:
            st.page_link(script, label=label, icon=its_icon)
    st.title(title, anchor=False)
    st.caption(about)
    with sentences():
        yield
    presses().shown()


@contextmanager
def sentences() -> Iterator[None]:
    """Show an error that has a message for a person as that message, and end the script (or the fragment)."""
    try:
        yield
    except Exception as error:
        told = as_sentence(error)
        if told is None:
            raise
        st.error(plain(str(told)), icon=":material/error:")
        st.stop()


def nothing_yet(text: str, script: str, label: str, icon: str) -> NoReturn:
    """An empty state: what to do next, with the button there; ends the page."""
    st.info(text, icon=":material/info:")
    st.page_link(script, label=label, icon=icon)
    st.stop()


def no_network_yet(what: str) -> NoReturn:
    """The empty state of a page that asks a trained network; `what` ends the sentence. Ends the page."""
    text = f"There is no trained network yet. Train one, and {what}."
    nothing_yet(text, "pages/1_Train.py", "Train a network", ":material/model_training:")
