"""What every page shares: its title and menu, and errors shown as a sentence."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.system.files import REPOSITORY
from mnist_core.system.trouble import as_sentence
from ui.access.account import EVERYBODY, Account, current, enter
from ui.common.actions import presses
from ui.common.text import plain

ICON = REPOSITORY / "static" / "icon.png"  # a local file: Streamlit fetches icon fonts for a tab from the network
MENU = (
    ("streamlit_app.py", "Home", ":material/home:"),
    ("pages/1_Train.py", "Train", ":material/model_training:"),
    ("pages/2_Mistakes.py", "Mistakes", ":material/search:"),
    ("pages/3_Draw.py", "Draw", ":material/draw:"),
    ("pages/4_Compare.py", "Compare", ":material/stacked_line_chart:"),
    ("pages/5_Tune.py", "Tune", ":material/tune:"),
    ("pages/6_Look_inside.py", "Look inside", ":material/visibility:"),
)

# Streamlit's captions are too faint to read for weak eyes (4.2 to 1), and in the dark its white text on the primary
# colour is (3.1 to 1): WCAG asks for 4.5 to 1.
_STYLE = """<style>
.block-container {padding-top: 2.6rem; max-width: 78rem}
@media (max-width: 640px) {.stColumn:has(.st-key-training) {order: -1}}
[data-testid="stCaptionContainer"] {opacity: 0.75 !important}
:is([data-testid="stBaseButton-primary"]:enabled, [data-tag]) {
  background-color: light-dark(#0B62B0, #2270BC) !important}
[data-testid="stBaseButton-primary"]:enabled:hover {filter: brightness(0.9)}
img.digit {image-rendering: pixelated; background: #000; border-radius: 3px; display: block}
</style>"""


@contextmanager
def page(title: str, about: str) -> Iterator[None]:
    """Begin a page: browser title, menu, heading and one line on what it is for.

    Where sign-in is configured and nobody is signed in, there is only that.

    An error with a message for a person ends the page with that sentence, never with a traceback.
    """
    st.set_page_config(page_title=f"{title} · MNIST lab", page_icon=str(ICON), layout="wide")
    st.html(_STYLE)
    who = _signed_in()
    enter(who)
    with st.sidebar:
        st.markdown("### MNIST lab")
        for script, label, its_icon in MENU:
            st.page_link(script, label=label, icon=its_icon)
        if who != EVERYBODY:
            _account(who)
    st.title(title, anchor=False)
    st.caption(about)
    with sentences():
        yield
    presses().shown()


def _signed_in() -> Account:
    """Who is; ends the page with a way to sign in, or with why this one does not get in."""
    try:
        who = current()
    except MnistError as error:
        st.title("MNIST lab", anchor=False)
        st.error(plain(str(error)), icon=":material/lock:")
        if st.user.get("is_logged_in"):
            _sign_out_button()
        st.stop()
    if who is None:
        st.title("MNIST lab", anchor=False)
        st.markdown("Sign in to see how a network learns to read handwritten digits.")
        st.button("Sign in", type="primary", icon=":material/login:", on_click=st.login)
        st.stop()
    return who


def _account(who: Account) -> None:
    """Who is signed in, as what, and the way out."""
    st.markdown(plain(who.name))
    about = "editor: may do everything" if who.is_editor else "viewer: may look and draw"
    st.caption(about if who.has_editors else f"{about}; nobody is named as an editor")
    _sign_out_button()


def _sign_out_button() -> None:
    st.button("Sign out", icon=":material/logout:", on_click=st.logout, key="sign_out")


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


def choose_section(names: Iterable[str], key: str) -> str:
    """The section of a page that is to be shown, kept from page to page and in the address; the first at first."""
    names = list(names)
    chosen = st.segmented_control(
        "Section",
        names,
        default=names[0],
        required=True,
        key=key,
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
        wrap=True,
    )
    return chosen or names[0]


def nothing_yet(text: str, script: str, label: str, icon: str) -> NoReturn:
    """An empty state: what to do next, with the button there; ends the page."""
    st.info(text, icon=":material/info:")
    st.page_link(script, label=label, icon=icon)
    st.stop()


def no_network_yet(what: str) -> NoReturn:
    """The empty state of a page that asks a trained network; `what` ends the sentence. Ends the page."""
    text = f"There is no trained network yet. Train one, and {what}."
    nothing_yet(text, "pages/1_Train.py", "Train a network", ":material/model_training:")
