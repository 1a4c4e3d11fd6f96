"""The Mistakes section: the accuracy, the confusion matrix, and the gallery of the mistakes."""

import streamlit as st

from mnist_core.evaluation.answers import Answers, MistakeOrder
from mnist_core.evaluation.export import as_csv, as_zip
from mnist_core.evaluation.statistics import accuracy_sentence, plural
from mnist_core.runs.run import Run
from ui.common import cache, confusion_table
from ui.common.confusion_table import STYLE
from ui.components.clickable_html import clickable
from ui.mistakes import digit_card, gallery
from ui.mistakes.gallery import Filter

# Beside a long gallery the matrix stays in sight.
_STYLE = "<style>[data-testid='stLayoutWrapper']:has(> .st-key-matrix) {position: sticky; top: 4rem}</style>"


def show(run: Run, epoch: int) -> None:
    """Draw the section for what `run` says to the test digits after `epoch` epochs."""
    answers = cache.answers_of(run, epoch)
    wrong, n = len(answers.mistakes), len(answers)
    st.markdown(
        f"**{wrong:,} of {n:,} test digits wrong** after {plural(epoch, 'epoch')}: "
        f"accuracy {accuracy_sentence(answers.correct, n)}, mean loss {answers.loss:.4f}."
    )

    left, right = st.columns(2, gap="medium")
    with right:  # first: the matrix shows what the select boxes choose
        chosen, order = gallery.filters()
        found = chosen.of(answers, order)
        if len(found):
            gallery.cards(answers, found, digit_card.open_card)
            _download(run, answers, chosen, order)
        else:
            gallery.nothing_found(answers, chosen)
    with left.container(key="matrix"):
        st.html(_STYLE)
        _matrix(answers, chosen)
    digit_card.show_asked(run, epoch, answers, found)


def _matrix(answers: Answers, chosen: Filter) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        unit = st.segmented_control(
            "What the matrix holds",
            ["Counts", "Rates, %"],
            default="Counts",
            required=True,
            key="unit",
            bind="query-params",
            label_visibility="collapsed",
        )
        diagonal = st.toggle("Correct digits", value=True, key="diagonal", bind="query-params")
    table = confusion_table.table(answers.confusion, chosen.cell, rates=unit != "Counts", diagonal=diagonal)
    clickable(STYLE + table, lambda value: gallery.click_cell(confusion_table.value_of(value)), key="confusion")
    share = "" if unit == "Counts" else " In percent of the true digit; the sums of their row or column."
    st.caption(
        "Each row is a true digit, each column what it was read as; the sums of mistakes (Σ) are at the edges, the "
        f"correct digits on the diagonal.{share} Click a number to see those mistakes, again to see all; "
        "True digit and Read as, above the digits, do the same."
    )


def _download(run: Run, answers: Answers, chosen: Filter, order: MistakeOrder) -> None:
    """Download what the gallery shows; the files are made when the button is pressed."""
    found = chosen.of(answers, order)
    name = f"mistakes-{run.id}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Download these {len(found):,}:")
        st.download_button(
            "Table (CSV)",
            lambda: as_csv(answers, found),
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            help="Index, true and predicted digit, the ten probabilities and the loss of each.",
        )
        st.download_button(
            "Pictures (ZIP)",
            lambda: as_zip(answers, found, cache.digits("test").images),
            f"{name}.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/download:",
            help="A PNG of each, named index-true-predicted.png.",
        )
