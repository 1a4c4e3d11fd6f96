"""The mistakes as cards: which are chosen and in what order, and the pages of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from mnist_core.data.label_errors import VOTES
from mnist_core.evaluation.answers import Answers, MistakeOrder, Range
from mnist_core.system.plain_text import with_article
from ui.components import digit_cards
from ui.components.paging import choose_page, first_page

ANY = "All"
ORDERS: dict[str, MistakeOrder] = {
    "Largest loss": "loss",
    "Highest probability": "surest",
    "Lowest probability": "doubtful",
    "Smallest margin": "narrowest",
    "Largest margin": "widest",
    "Index": "index",
}
LABELS = (ANY, "Not doubted", "Doubted by people", "Doubted by the answers")
# The widgets' keys, which are their names in the URL too: what is chosen survives a reload.
TRUE, READ, ORDER, PAGE, PROBABILITY, MARGIN, LABEL = "true", "read", "sort", "page", "probability", "margin", "label"
EVERYTHING = (0, 100)


class Filter(NamedTuple):
    """Which mistakes are shown; None is any. Probability and margin in percent."""

    true: int | None = None
    predicted: int | None = None
    probability: tuple[int, int] = EVERYTHING
    margin: tuple[int, int] = EVERYTHING
    label: str = ANY

    @property
    def cell(self) -> tuple[int | None, int | None]:
        """The cell of the confusion matrix."""
        return self.true, self.predicted

    def of(self, answers: Answers, order: MistakeOrder) -> np.ndarray:
        """The indices of these mistakes, in this order."""
        found = answers.mistakes_where(
            *self.cell, order, confidence=_share(self.probability), margin=_share(self.margin)
        )
        if self.label == ANY:
            return found
        by_people, by_answers = np.isin(found, list(VOTES)), np.isin(found, answers.doubted_labels)
        return found[{LABELS[1]: ~by_people & ~by_answers, LABELS[2]: by_people, LABELS[3]: by_answers}[self.label]]


def filters() -> tuple[Filter, MistakeOrder]:
    """The widgets: true digit, what it was read as, order, probability, margin, and whether the label is doubted."""
    any_or_digit = [ANY, *map(str, range(10))]
    kept: dict[str, Any] = {
        "bind": "query-params",
        "on_change": first_page,
        "args": (PAGE,),
        "persist_state": "session",
    }
    left, middle, right = st.columns(3)
    left.selectbox("True digit", any_or_digit, key=TRUE, **kept)
    middle.selectbox("Read as", any_or_digit, key=READ, **kept)
    order = right.selectbox(
        "Sort by",
        list(ORDERS),
        key=ORDER,
        help="The loss is large where the network gave the true digit a small probability. The probability is the one "
        "of the digit it answered; the margin is how far that is above the next.",
        **kept,
    )
    left, middle, right = st.columns(3)
    left.slider("Probability, %", 0, 100, EVERYTHING, key=PROBABILITY, **kept)
    middle.slider("Margin, %", 0, 100, EVERYTHING, key=MARGIN, **kept)
    right.selectbox(
        "Label",
        LABELS,
        key=LABEL,
        help="Some test digits carry a wrong label: five people looked at some of them, and the network's own answers "
        "cast doubt on more. The section Labels tells how.",
        **kept,
    )
    return _chosen(), ORDERS[order]


def cards(answers: Answers, indices: np.ndarray, on_open: Callable[[str], None]) -> None:
    """One page of these test digits, and how many there are; `on_open` gets the index of a card that was clicked."""
    page = choose_page(indices, PAGE, bind="query-params")
    page.beside.markdown(f"**{page.start + 1:,} to {page.start + len(page.indices):,}** of {len(indices):,} mistakes")
    digit_cards.cards(answers, page.indices, on_open, key="cards")


def nothing_found(answers: Answers, chosen: Filter) -> None:
    """Say that no mistake matches, with the way back."""
    if not len(answers.mistakes):
        st.info("No mistakes on the test digits.", icon=":material/check:")
        return
    true = "No digit" if chosen.true is None else f"No {chosen.true}"
    predicted = "another digit" if chosen.predicted is None else with_article(chosen.predicted)
    if chosen.true is not None and chosen.true == chosen.predicted:
        st.info(f"{predicted.capitalize()} read as {predicted} is no mistake.", icon=":material/info:")
    elif Filter(*chosen.cell) == chosen:
        st.info(f"{true} is read as {predicted}.", icon=":material/info:")
    else:
        st.info("No mistake matches: widen the ranges, or show all.", icon=":material/info:")
    st.button("Show all mistakes", icon=":material/filter_alt_off:", on_click=choose, args=(Filter(),))


def choose(wanted: Filter) -> None:
    """Set the widgets; for callbacks."""
    for key, digit in zip((TRUE, READ), wanted.cell, strict=True):
        st.session_state[key] = ANY if digit is None else str(digit)
    st.session_state[PROBABILITY], st.session_state[MARGIN] = wanted.probability, wanted.margin
    st.session_state[LABEL] = wanted.label
    first_page(PAGE)


def click_cell(cell: tuple[int | None, int | None]) -> None:
    """Choose this cell of the matrix; the chosen one again: all. The other filters stay."""
    now = _chosen()
    true, predicted = (None, None) if cell == now.cell else cell
    choose(now._replace(true=true, predicted=predicted))


def _chosen() -> Filter:
    true, read = (st.session_state[key] for key in (TRUE, READ))
    return Filter(
        None if true == ANY else int(true),
        None if read == ANY else int(read),
        tuple(st.session_state[PROBABILITY]),
        tuple(st.session_state[MARGIN]),
        st.session_state[LABEL],
    )


def _share(percent: tuple[int, int]) -> Range:
    return percent[0] / 100, percent[1] / 100
