"""Mistakes: how many test digits a run misreads, which, and as what."""

import streamlit as st

from mnist_core.evaluation import accuracy_sentence, last_epoch
from ui import gallery, loaders
from ui.frame import nothing_yet, page
from ui.run_choice import choose_run

with page("Mistakes", "The test digits a network misreads, and what it takes them for."):
    run = choose_run()
    if run is None:
        nothing_yet(
            "There is no trained network yet. Train one, and its mistakes appear here.",
            "pages/1_Train.py",
            "Train a network",
            ":material/model_training:",
        )

    epoch = last_epoch(run)
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
