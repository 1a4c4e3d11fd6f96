"""The Mistakes section: the accuracy, the confusion matrix, and the gallery of what was misread."""

import streamlit as st

from mnist_core.evaluation import accuracy_sentence
from mnist_core.runs import Run
from ui import gallery, loaders


def show(run: Run, epoch: int) -> None:
    """Draw the section for what `run` says to the test digits after `epoch` epochs."""
    answers = loaders.answers_of(run, epoch)
    wrong, n = len(answers.mistakes), len(answers)
    st.markdown(
        f"**{wrong:,} of {n:,} test digits misread** after {epoch} epoch{'s' * (epoch != 1)}: "
        f"accuracy {accuracy_sentence(answers.correct, n)}"
    )

    left, right = st.columns(2, gap="medium")
    with right:  # first: the matrix shows what the select boxes choose
        chosen, order = gallery.filters()
        found = answers.mistakes_where(*chosen, order)
        if len(found):
            gallery.cards(answers, found)
        else:
            gallery.nothing_found(answers, chosen)
    with left.container(key="matrix"):
        gallery.matrix(answers, chosen)
        st.caption(
            "Each row is a true digit, each column what it was read as; the sums of mistakes are at the edges, "
            "the digits read rightly on the diagonal. Click a number to see those mistakes, again to see all."
        )
