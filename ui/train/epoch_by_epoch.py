"""A run epoch by epoch: what it answered then to the test digits, and to the reader's last drawing."""

import numpy as np
import streamlit as st

from mnist_core.evaluation import prediction
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.statistics import accuracy_sentence, plural
from mnist_core.runs.run import Run
from ui.common import cache, confusion_table, digit_images
from ui.common.confusion_table import STYLE
from ui.common.text import percent

FIRST = 9  # test digits, as the tutorial closes
LAST_DRAWING = "last_drawing"  # uint8 (28, 28) in the session, left there by the Draw page

# The chart's own grey is too faint on blue: its numbers take the page's text colour.
_STYLE = """<style>
.st-key-epoch_matrix :is(.cartesianlayer, .infolayer) text {fill: currentColor !important}
</style>"""


@st.fragment
def time_machine(run: Run) -> None:
    """A slider over the saved epochs; all below it is as it was then, from the answers saved with the weights."""
    epochs = cache.saved_epochs(run)
    if not epochs:
        st.info("The first test comes before the first update: wait a moment.", icon=":material/info:")
        return
    epoch = epochs[-1]
    if len(epochs) > 1:
        key = f"epoch_of_{run.id}"
        st.session_state.setdefault(key, epoch)
        epoch = st.select_slider("Epoch", epochs, key=key, help="0 is before the first update.")
    answers = cache.answers_of(run, epoch)
    when = f"After {plural(epoch, 'epoch')}" if epoch else "Before the first update"
    st.html(_STYLE)
    st.markdown(f"{when}: **{accuracy_sentence(answers.correct, len(answers))}**")
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.html(STYLE + confusion_table.table(answers.confusion, buttons=False))
    with right:
        first_digits(answers)
        last_drawing(run, epoch)


def first_digits(answers: Answers) -> None:
    """The first test digits with what the run said they are, as the tutorial closes."""
    images = cache.digits("test").images[:FIRST]
    predicted, true = answers.predicted[:FIRST], answers.labels[:FIRST]
    st.markdown(f"**Predictions for the first {FIRST} test digits**")
    digit_images.row(
        list(images),
        [f"says {s}" if s == t else f"says {s}, is {t}" for s, t in zip(predicted, true, strict=True)],
        [f"A handwritten {t}; the network says {s}." for s, t in zip(predicted, true, strict=True)],
    )


def last_drawing(run: Run, epoch: int) -> None:
    """What the network of then says to the reader's last drawing."""
    st.markdown("**Prediction for your last drawing**")
    drawing = st.session_state.get(LAST_DRAWING)
    if drawing is None:
        st.page_link("pages/3_Draw.py", label="Draw a digit first", icon=":material/draw:")
        return
    answer = prediction.predict(run, epoch, drawing[None], cache.network(run, epoch))[0]
    surest = [int(digit) for digit in np.argsort(-answer)[:2]]
    caption = "\n".join(f"{digit}: {percent(answer[digit])}" for digit in surest)
    digit_images.row([drawing], [caption], [f"Your drawing; the network says {surest[0]}."], size=84)
