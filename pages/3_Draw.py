"""Draw: a digit by hand, what the network sees of it, and what it answers."""

import streamlit as st

from mnist_core import drawing
from mnist_core.runs import Run
from ui import answer, canvas
from ui.frame import nothing_yet, page, sentences
from ui.run_choice import choose_run


@st.fragment  # a stroke reruns this alone, not the page around it
def draw_and_answer(run: Run) -> None:
    """The canvas on the left, the answer on the right."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        picture = canvas.drawing()
    digit = None if picture is None else drawing.prepare(picture)
    with right, sentences():
        if digit is None:
            st.info("Draw a digit from 0 to 9: the answer appears here.", icon=":material/draw:")
        else:
            answer.show(digit.image, answer.ask(run, digit.image))


with page("Draw", "Write a digit by hand and see how a network reads it."):
    chosen = choose_run()
    if chosen is None:
        nothing_yet(
            "There is no trained network yet. Train one, and it reads what you draw here.",
            "pages/1_Train.py",
            "Train a network",
            ":material/model_training:",
        )
    draw_and_answer(chosen)
