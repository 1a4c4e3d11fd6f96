"""The Labels section: which mistakes are the network's, and which may be the label's."""

import numpy as np
import streamlit as st

from mnist_core.data.label_errors import SOURCE, SOURCE_URL, VOTES
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.statistics import between, share, wilson
from mnist_core.runs.run import Run
from ui.common import cache
from ui.components import digit_cards
from ui.mistakes import digit_card, gallery
from ui.mistakes.gallery import LABELS, Filter

MOST = 60  # how many of the labels that the answers doubt are shown here; the gallery has all


def show(run: Run, epoch: int) -> None:
    """Draw the section for what `run` says to the test digits after `epoch` epochs."""
    answers = cache.answers_of(run, epoch)
    voted = np.array(sorted(VOTES))
    _two_accuracies(answers, voted)
    _split(answers)

    st.subheader("Doubted by people", anchor=False)
    given = sum(int(answers.predicted[i]) == VOTES[i].given for i in VOTES)
    other = sum(int(answers.predicted[i]) == VOTES[i].other for i in VOTES)
    st.markdown(
        f"Five people looked at each test digit that a cross-validated model had doubted; for these {len(VOTES)} the "
        f"label did not win a majority ([{SOURCE}]({SOURCE_URL})). This network answers the label on {given} of them, "
        f"the other candidate on {other}, neither on {len(VOTES) - given - other}."
    )
    digit_cards.cards(answers, voted, digit_card.open_card, key="voted")

    st.subheader("Doubted by the answers", anchor=False)
    doubted = answers.doubted_labels
    both = len(np.intersect1d(doubted, voted))
    st.markdown(
        f"Confident learning doubts {len(doubted):,} of the {len(answers):,} labels: there this network gives another "
        "digit at least the probability that it gives that digit on average where it is the label "
        "([Northcutt, Jiang and Chuang, 2021](https://arxiv.org/abs/1911.00068)). "
        f"{both} of the {len(VOTES)} that people doubt are among them. Nobody has looked at the others: "
        f"{'many' if answers.accuracy > 0.99 else 'most'} will be the network's own mistakes, the more so the less "
        "accurate it is. A network that was taught not to be sure (smoothed labels) doubts next to none. The test "
        "digits are out of sample: no run trains on them."
    )
    if len(doubted):
        if len(doubted) > MOST:
            st.caption(f"The {MOST} clearest of {len(doubted):,}.")
        digit_cards.cards(answers, doubted[:MOST], digit_card.open_card, key="doubted")
    digit_card.show_asked(run, epoch, answers, np.concatenate([voted, np.setdiff1d(doubted[:MOST], voted)]))


def _two_accuracies(answers: Answers, voted: np.ndarray) -> None:
    is_right = answers.predicted == answers.labels
    kept = np.setdiff1d(np.arange(len(answers)), voted)
    left, right = st.columns(2)
    with left.container(border=True):
        st.markdown(f"Accuracy as labelled  \n{_accuracy(answers.correct, len(answers))}")
    with right.container(border=True):
        aside = _accuracy(int(is_right[kept].sum()), len(kept))
        st.markdown(f"Without the {len(voted)} digits whose label people rejected  \n{aside}")


def _accuracy(correct: int, n: int) -> str:
    return (
        f"**{share(correct / n, 2)}** ({correct:,} of {n:,} test digits, "
        f"95 % interval {between(wilson(correct, n), 2)})"
    )


def _split(answers: Answers) -> None:
    """How many mistakes are doubted, by whom, with the way to each in the gallery."""
    by_people = np.isin(answers.mistakes, list(VOTES))
    by_answers = np.isin(answers.mistakes, answers.doubted_labels)
    n = len(answers.mistakes)
    st.markdown(f"Of the {n:,} mistakes")
    parts = (
        (LABELS[1], "the network is wrong: nothing speaks against the label", ~by_people & ~by_answers),
        (LABELS[2], "the label is doubtful, say people's votes", by_people),
        (LABELS[3], "the label may be doubtful, say this network's own answers", by_answers),
    )
    for column, (label, text, found) in zip(st.columns(3), parts, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{found.sum():,}**  \n{text}")
            st.button(
                "Show them",
                key=f"show {label}",
                icon=":material/grid_view:",
                disabled=not found.any(),
                on_click=_to_gallery,
                args=(label,),
            )
    if both := int((by_people & by_answers).sum()):
        st.caption(f"{both} {'is' if both == 1 else 'are'} doubted by both, and counted twice.")


def _to_gallery(label: str) -> None:
    gallery.choose(Filter(label=label))
    st.session_state["section"] = "Mistakes"
