"""What the page looks at: a run after one of its epochs, and a digit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.drawing import collection
from mnist_core.drawing.picture_files.kinds import ENDINGS
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.drawing.prepare import prepare
from mnist_core.errors import MnistError
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import with_article
from ui.common import cache
from ui.common.digit_images import picture
from ui.common.text import percent, plain
from ui.components.engine import engine_data
from ui.components.paper import DIGIT, StandIn, paper

DRAW, TEST_DIGIT, DRAWN_BEFORE, PICTURE = "Draw here", "A test digit", "Drawn before", "A picture"
INDEX = "digit"  # the test digit's number, in its field and in the address
# It in the session, which keeps it while another way is chosen, and as it was last written into the address.
_CHOSEN, _WRITTEN = "inside_digit", "inside_digit_in_address"


@dataclass(frozen=True)
class Subject:
    """A network and a digit."""

    run: Run
    epoch: int
    image: np.ndarray  # uint8 (28, 28), as the network sees it
    label: int | None  # what it is, where that is known
    name: str  # for a sentence: "test digit 8", "your drawing"

    @property
    def described(self) -> str:
        """Its name and, where that is known, what it is: "test digit 8, a 5"."""
        if self.label is None:
            return self.name
        return f"{self.name}, {'an' if self.label == 8 else 'a'} {self.label}"


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
    asked = st.query_params.get(INDEX, "")
    if asked != st.session_state.get(_WRITTEN) and asked.isdecimal() and int(asked) < TEST_SIZE:
        st.session_state[_CHOSEN], st.session_state["way"] = int(asked), TEST_DIGIT
    way = st.segmented_control("Digit", [DRAW, *_WAYS], default=DRAW, required=True, key="way", persist_state="session")
    if way != TEST_DIGIT:
        st.query_params.pop(INDEX, None)
        st.session_state.pop(_WRITTEN, None)
    if way == DRAW:  # the answer stands beside the paper
        return _drawn_here(run, epoch)
    given = None
    try:
        given = _WAYS[way](run, epoch)
    except MnistError as error:  # a picture or a drawing that cannot be read takes nothing else from the page
        st.error(plain(str(error)), icon=":material/error:")
    subject = given or _numbered(run, epoch)
    _show(subject, is_given=given is not None)
    return subject


def look_at(index: int) -> None:
    """Choose the test digit with this number; for callbacks."""
    st.session_state[_CHOSEN], st.session_state["way"] = index, TEST_DIGIT


def numbered() -> int | None:
    """The number of the test digit that was chosen last; None before one was."""
    return st.session_state.get(_CHOSEN)


def _drawn_here(run: Run, epoch: int) -> Subject:
    stand_in = _numbered(run, epoch)
    its = StandIn(stand_in.image, stand_in.described)
    drawn = paper(DIGIT, "Paper to draw a digit on", engine_data(run, epoch), its)
    prepared = None if drawn is None else prepare(drawn.picture, drawn.evened)
    return stand_in if prepared is None else Subject(run, epoch, prepared.image, None, "your drawing")


def _test_digit(run: Run, epoch: int) -> Subject:
    mistakes = cache.answers_of(run, epoch).mistakes
    subject = _numbered(run, epoch)
    chosen = st.session_state[_CHOSEN]
    st.session_state[INDEX] = chosen
    st.session_state[_WRITTEN] = st.query_params[INDEX] = str(chosen)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input("Test digit", 0, TEST_SIZE - 1, key=INDEX, on_change=_take_number, width=160)
        if len(mistakes):
            st.button(
                "Next mistake",
                key="next_mistake",
                icon=":material/skip_next:",
                on_click=_next_mistake,
                args=(mistakes,),
                help=f"This network gets {len(mistakes):,} of the {TEST_SIZE:,} test digits wrong.",
            )
    return subject


def _take_number() -> None:
    st.session_state[_CHOSEN] = st.session_state[INDEX]


def _numbered(run: Run, epoch: int) -> Subject:
    """The test digit with the number that the session holds; at first the one that is most wrong."""
    answers = cache.answers_of(run, epoch)
    if _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = int(answers.mistakes[0]) if len(answers.mistakes) else 0
    index = st.session_state[_CHOSEN]
    return Subject(run, epoch, cache.digits("test").images[index], int(answers.labels[index]), f"test digit {index}")


def _next_mistake(mistakes: np.ndarray) -> None:
    """The mistake after the shown digit, by index; after the last one the first."""
    later = np.sort(mistakes)
    place = int(np.searchsorted(later, st.session_state[_CHOSEN], side="right"))
    st.session_state[_CHOSEN] = int(later[place % len(later)])


def _drawn_before(run: Run, epoch: int) -> Subject | None:
    kept = {drawing.id: drawing for drawing in collection.every()}
    if not kept:
        st.caption("No drawing is kept yet: draw a digit on the Draw page and keep it.")
        return None
    names = {drawing_id: f"{with_article(one.label)}, {drawing_id}" for drawing_id, one in kept.items()}
    chosen = st.selectbox("Drawing", list(kept), format_func=names.__getitem__, key="drawing")
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


def _show(subject: Subject, is_given: bool) -> None:
    from mnist_core.evaluation.prediction import predict

    network = cache.network(subject.run, subject.epoch)
    probabilities = predict(subject.run, subject.epoch, subject.image[None], network)[0]
    digit = int(probabilities.argmax())
    described = subject.described
    told = f"{described[0].upper()}{described[1:]}" if is_given else f"Until there is one you see {described}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(picture(subject.image, f"{subject.name}, 28 by 28 pixels", size=112), width="content")
        st.markdown(f"{told}. Read as **{digit}**, {percent(probabilities[digit])} probable.")


# Beside drawing here; None where nothing is given.
_WAYS: dict[str, Callable[[Run, int], Subject | None]] = {
    TEST_DIGIT: _test_digit,
    DRAWN_BEFORE: _drawn_before,
    PICTURE: _from_picture,
}
