"""The quiz "Can you read it?": the network's own mistakes, one at a time; a person answers before the reveal."""

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from mnist_core.data.label_errors import VOTES
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.statistics import accuracy_sentence, between, share, wilson
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.digit_images import picture
from ui.common.text import times, whole_percent

_STATE = "quiz"
# A button for 4 need not say besides that its key is 4.
_STYLE = "<style>.st-key-quiz_buttons kbd {display: none}</style>"


@dataclass
class Quiz:
    """Where a person stands in the quiz about one run; it lives as long as the session."""

    run: str
    epoch: int
    order: list[int]  # the mistakes as they are asked
    given: list[int] = field(default_factory=list)  # a person's answers so far
    revealed: bool = False  # whether the last answer is being looked at

    @property
    def at(self) -> int:
        """The place in `order` of the digit that is shown."""
        return len(self.given) - self.revealed


def show(run: Run, epoch: int) -> None:
    """Ten buttons below a digit; then what it is, what the network said, and the score."""
    answers = cache.answers_of(run, epoch)
    if not len(answers.mistakes):
        st.info("No mistakes: there is nothing to ask.", icon=":material/check:")
        return
    quiz = st.session_state.get(_STATE)
    if quiz is None or (quiz.run, quiz.epoch) != (run.id, epoch):
        order = np.random.default_rng().permutation(answers.mistakes).tolist()
        quiz = st.session_state[_STATE] = Quiz(run.id, epoch, order)
    _ask(quiz, answers)


@st.fragment  # an answer redraws this alone
def _ask(quiz: Quiz, answers: Answers) -> None:
    left, right = st.columns([2, 3], gap="large")
    if quiz.at < len(quiz.order):
        index = quiz.order[quiz.at]
        with left:
            st.html(picture(cache.digits("test").images[index], "A handwritten digit for you to read", size=280))
        with right:
            st.markdown(
                f"**Can you read it?** Digit {quiz.at + 1:,} of the {len(quiz.order):,} that the network got wrong."
            )
            if quiz.revealed:
                _reveal(quiz, answers, index)
            else:
                _buttons(quiz)
    with right:
        _score(quiz, answers)


def _buttons(quiz: Quiz) -> None:
    st.html(_STYLE)
    with st.container(horizontal=True, gap="small", key="quiz_buttons"):
        for digit in range(10):
            st.button(
                str(digit), key=f"quiz_{digit}", shortcut=str(digit), width=64, on_click=_answer, args=(quiz, digit)
            )
    st.caption("Press a button, or its digit on the keyboard. If you cannot tell, guess.")


def _reveal(quiz: Quiz, answers: Answers, index: int) -> None:
    guess, true, predicted = quiz.given[-1], answers.labels[index], answers.predicted[index]
    word = "Right" if guess == true else "Like the network" if guess == predicted else "No"
    sure = whole_percent(answers.confidence[index])
    st.markdown(
        f"**{word}: you said {guess}; the label says {true}; the network said {predicted}** "
        f"({sure} sure, test digit {index})."
    )
    if index in VOTES:
        st.warning(f"This label is doubtful. {VOTES[index].sentence}", icon=":material/how_to_vote:")
    st.button("Next digit", type="primary", icon=":material/arrow_forward:", shortcut="N", on_click=_next, args=(quiz,))


def _score(quiz: Quiz, answers: Answers) -> None:
    n = len(quiz.given)
    if not n:
        return
    asked, given = np.array(quiz.order[:n]), np.array(quiz.given)
    right = int((given == answers.labels[asked]).sum())
    alike = int((given == answers.predicted[asked]).sum())
    doubtful = sum(index in VOTES for index in asked.tolist())
    st.markdown(
        f"- You: **{right:,} of {n:,} right** ({share(right / n, 0)}, 95 % interval {between(wilson(right, n), 0)})\n"
        f"- The network: **0 of {n:,}**, since these are its mistakes; on all test digits "
        f"{accuracy_sentence(answers.correct, len(answers))}\n"
        f"- You gave the network's answer {times(alike)}"
        + (f", and people doubted the label of {doubtful:,} of these digits" if doubtful else "")
    )
    if quiz.at >= len(quiz.order):
        st.success("That was the last of its mistakes.", icon=":material/check:")
    st.button("Start again", icon=":material/restart_alt:", on_click=_restart)


def _answer(quiz: Quiz, digit: int) -> None:
    quiz.given.append(digit)
    quiz.revealed = True


def _next(quiz: Quiz) -> None:
    quiz.revealed = False


def _restart() -> None:
    quiz = st.session_state[_STATE]
    quiz.order = np.random.default_rng().permutation(quiz.order).tolist()
    quiz.given, quiz.revealed = [], False
