"""What the page looks at: a run after one of its epochs, and a digit."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.drawing import collection
from mnist_core.drawing.picture_file import ENDINGS, read_picture
from mnist_core.drawing.prepare import prepare
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.digit_images import picture
from ui.common.text import percent, plain

TEST_DIGIT, DRAWN_BEFORE, PICTURE = "A test digit", "Drawn before", "A picture"
WAYS = (TEST_DIGIT, DRAWN_BEFORE, PICTURE)
INDEX = "digit"  # the test digit's number, in the session and in the address


@dataclass(frozen=True)
class Subject:
    """A network and a digit."""

    run: Run
    epoch: int
    image: np.ndarray  # uint8 (28, 28), as the network sees it
    label: int | None  # what it is, where that is known
    name: str  # for a sentence: "test digit 8", "your drawing"


def choose_epoch(run: Run) -> int:
    """A slider over the run's saved epochs; the one that answers until a person chooses another."""
    saved, answering = cache.saved_epochs(run), cache.answering_epoch(run)
    if len(saved) < 2:
        return answering
    key = f"epoch_of_{run.id}"
    if st.session_state.get(key) not in saved:
        st.session_state[key] = answering
    chosen: int = st.select_slider("Epoch", saved, key=key, help="The weights as they were after so many epochs.")
    return chosen


def choose_subject(run: Run, epoch: int) -> Subject:
    """The ways to give a digit, and what the network says to the one that is given.

    Until a person has given one it is the test digit that the network gets most wrong.
    """
    way = st.segmented_control("Digit", WAYS, default=TEST_DIGIT, required=True, key="way", persist_state="session")
    subject = None
    if way == DRAWN_BEFORE:
        subject = _drawn_before(run, epoch)
    elif way == PICTURE:
        subject = _from_picture(run, epoch)
    subject = subject or _test_digit(run, epoch, is_asked=way == TEST_DIGIT)
    _show(subject)
    return subject


def _test_digit(run: Run, epoch: int, is_asked: bool = True) -> Subject:
    answers = cache.answers_of(run, epoch)
    if INDEX not in st.session_state:
        st.session_state[INDEX] = int(answers.mistakes[0]) if len(answers.mistakes) else 0
    if is_asked:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input("Test digit", 0, len(answers) - 1, key=INDEX, bind="query-params", width=160)
            if len(answers.mistakes):
                st.button("Next mistake", icon=":material/skip_next:", on_click=_next_mistake, args=(answers.mistakes,))
    index = st.session_state[INDEX]
    return Subject(run, epoch, cache.digits("test").images[index], int(answers.labels[index]), f"test digit {index}")


def _next_mistake(mistakes: np.ndarray) -> None:
    """The mistake after the shown digit, by index; after the last one the first."""
    later = np.sort(mistakes)
    place = int(np.searchsorted(later, st.session_state[INDEX], side="right"))
    st.session_state[INDEX] = int(later[place % len(later)])


def _drawn_before(run: Run, epoch: int) -> Subject | None:
    kept = {drawing.id: drawing for drawing in collection.every()}
    if not kept:
        st.caption("No drawing is kept yet: draw a digit on the Draw page and keep it.")
        return None
    chosen = st.selectbox(
        "Drawing", list(kept), format_func=lambda drawing_id: f"a {kept[drawing_id].label}, {drawing_id}", key="drawing"
    )
    return Subject(run, epoch, kept[chosen].image(), kept[chosen].label, "your drawing")


def _from_picture(run: Run, epoch: int) -> Subject | None:
    file = st.file_uploader("A picture of one digit", ENDINGS, key="inside_file", width=400)
    if file is None:
        return None
    prepared = prepare(read_picture(file.getvalue(), file.name))
    if prepared is None:
        st.caption("There is no digit on this picture.")
        return None
    return Subject(run, epoch, prepared.image, None, plain(file.name))


def _show(subject: Subject) -> None:
    from mnist_core.evaluation.prediction import predict

    network = cache.network(subject.run, subject.epoch)
    probabilities = predict(subject.run, subject.epoch, subject.image[None], network)[0]
    digit = int(probabilities.argmax())
    said = f"Read as **{digit}**, {percent(probabilities[digit])} probable"
    truth = "" if subject.label is None else f"; it is a {subject.label}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(picture(subject.image, f"{subject.name}, 28 by 28 pixels", size=112), width="content")
        st.markdown(f"{subject.name.capitalize()}. {said}{truth}.")
