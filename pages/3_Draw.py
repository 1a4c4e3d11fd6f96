"""Draw: a digit or a whole number by hand, what the network sees of it, and what it answers."""

from collections.abc import Callable

import streamlit as st

from mnist_core.drawing import rejection
from mnist_core.drawing.number.reading import read_number
from mnist_core.drawing.prepare import prepare
from mnist_core.runs.run import Run
from ui.common.actions import show_refusal
from ui.common.page import no_network_yet, page, sentences
from ui.common.run_selector import choose_run
from ui.draw import answer, explanation, my_handwriting, other_networks, preprocessing_steps
from ui.draw.answer import Answered
from ui.draw.live_answer import live_answer
from ui.draw.picture_input import ask_for_picture
from ui.draw.whole_number import HEIGHT, WIDTH, show
from ui.export.take_away import take_away

ONE, NUMBER = "One digit", "A whole number"
HANDWRITING = "My handwriting"

# What can be asked once a digit is answered. Only the chosen section is computed, and after the answer.
SECTIONS: dict[str, Callable[[Answered], None]] = {
    "What it sees": preprocessing_steps.show,
    "Why": explanation.show,
    "Several networks": other_networks.networks,
    "As it learned": other_networks.epochs,
}


@st.fragment  # a stroke reruns this alone, not the page around it
def one_digit(run: Run) -> None:
    """The canvas on the left, the answer on the right, below them what more can be asked."""
    left, right = st.columns([2, 3], gap="large")
    above, below = right.container(), right.container()
    with left:
        given = ask_for_picture("digit", "Paper to draw a digit on", below)
    answered = None
    with above:
        live, shown = st.container(key="live_answer"), st.container(key="server_answer")
    with shown, sentences():
        picture, evened = given.picture(), given.evened
        prepared = None if picture is None else prepare(picture, evened)
        if picture is None:
            st.info("Draw a digit from 0 to 9: the answer appears here.", icon=":material/draw:")
        elif prepared is None:
            st.info(rejection.warning(None, None) or "", icon=":material/draw:")
        else:
            st.session_state["last_drawing"] = prepared.image  # the Train page shows how a run learns to read it
            probabilities = answer.ask(run, prepared.image[None])[0]
            warning = rejection.warning(prepared, probabilities)
            answered = Answered(run, picture, evened, prepared, probabilities, warning)
            answer.show(answered)
            my_handwriting.keep_buttons(answered, given)
        show_refusal()
    with live:  # after the answer, whose place it takes while the pen moves
        live_answer(run, given.drawn, "paper_digit", "server_answer")
    section = st.segmented_control(
        "More", [*SECTIONS, HANDWRITING], default="What it sees", required=True, key="section", bind="query-params"
    )
    with sentences():
        if section == HANDWRITING:
            my_handwriting.show(run)
        elif answered is not None:
            SECTIONS[section](answered)
        else:
            st.caption("Draw a digit first.")


@st.fragment
def whole_number(run: Run) -> None:
    """A wide canvas, and beside it what was read of it."""
    left, right = st.columns([2, 1], gap="large")
    above, below = right.container(), right.container()
    with left:
        given = ask_for_picture("number", "Paper to draw a number on", below, WIDTH, HEIGHT)
    with above, sentences():
        picture = given.picture()
        read = None if picture is None else read_number(picture, lambda images: answer.ask(run, images), given.strokes)
        if picture is None or read is None:
            st.info("Draw digits side by side: the number appears here.", icon=":material/draw:")
        elif not read.symbols:
            st.info(read.warning or "", icon=":material/draw:")
        else:
            show(picture, read)


with page("Draw", "Write a digit by hand and see how a network reads it."):
    chosen = choose_run()
    if chosen is None:
        no_network_yet("it reads what you draw here")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        paper = st.segmented_control(
            "Draw",
            [ONE, NUMBER],
            default=ONE,
            required=True,
            key="paper",
            bind="query-params",
            label_visibility="collapsed",
        )
        take_away(chosen, "Draw")
    (whole_number if paper == NUMBER else one_digit)(chosen)
