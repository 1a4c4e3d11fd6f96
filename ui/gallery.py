"""The Mistakes page's parts: filters, the confusion matrix that takes clicks, the pages of digits."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from mnist_core.evaluation import Answers, MistakeOrder
from mnist_core.plots import confusion_figure, confusion_in_words
from ui import digits, loaders

PAGE_SIZE = 60
ANY = "All"
ORDERS: dict[str, MistakeOrder] = {
    "Largest loss": "loss",
    "Highest probability": "surest",
    "Lowest probability": "doubtful",
    "Index": "index",
}
# The widgets' keys, which are their names in the URL too: what is chosen survives a reload.
TRUE, READ, ORDER, PAGE = "true", "read", "sort", "page"
_CHART = "matrix_chart"

# The chart's own grey is too faint on blue: its numbers take the page's text colour. Beside a long gallery it stays in
# sight.
_STYLE = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-matrix) {position: sticky; top: 4rem}
.st-key-matrix :is(.cartesianlayer, .infolayer) text {fill: currentColor !important}
.st-key-matrix .nsewdrag {cursor: pointer}
</style>"""


class Filter(NamedTuple):
    """Which mistakes are shown, by true and by predicted digit; None is any."""

    true: int | None = None
    predicted: int | None = None


def filters() -> tuple[Filter, MistakeOrder]:
    """The select boxes for the true digit, what it was read as, and the order."""
    any_or_digit = [ANY, *map(str, range(10))]
    left, middle, right = st.columns(3)
    left.selectbox("True digit", any_or_digit, key=TRUE, bind="query-params", on_change=_first_page)
    middle.selectbox("Read as", any_or_digit, key=READ, bind="query-params", on_change=_first_page)
    order = right.selectbox(
        "Sort by",
        list(ORDERS),
        key=ORDER,
        bind="query-params",
        on_change=_first_page,
        help="The loss is large where the network gave the true digit a small probability. "
        "The probability is the one of the digit it answered.",
    )
    return _chosen(), ORDERS[order]


def matrix(answers: Answers, chosen: Filter) -> None:
    """The confusion matrix; a click on a count sets the filters, a click on the chosen one clears them."""
    # The frame around what is chosen is part of the figure, and to Streamlit a changed figure is a new chart without a
    # selection. So no click stays behind, and the next one counts even on the same cell.
    st.html(_STYLE)
    st.plotly_chart(
        confusion_figure(answers.confusion, *chosen),
        key=_CHART,
        on_select=_take_click,
        selection_mode="points",
        config={"displayModeBar": False},
        alt=confusion_in_words(answers.confusion),
    )


def cards(answers: Answers, indices: np.ndarray) -> None:
    """One page of these test digits, and how many there are: each digit, what it was read as, how surely."""
    pages = max(-(-len(indices) // PAGE_SIZE), 1)
    if st.session_state.get(PAGE, 1) > pages:
        st.session_state[PAGE] = pages
    count, turn = st.columns([4, 5], vertical_alignment="center")
    if pages > 1:
        with turn.container(horizontal_alignment="right"):
            st.pagination(pages, key=PAGE, bind="query-params", max_visible_pages=5)
    start = (st.session_state.get(PAGE, 1) - 1) * PAGE_SIZE
    shown = indices[start : start + PAGE_SIZE]
    count.markdown(f"**{start + 1:,} to {start + len(shown):,}** of {len(indices):,} mistakes")
    captions, alts = [], []
    for index in shown:
        reading = f"{answers.labels[index]} read as {answers.predicted[index]}"
        probability = whole_percent(answers.confidence[index])
        captions.append(f"{reading}\n{probability} · #{index}")
        alts.append(f"Test digit {index}: {reading}, probability {probability}")
    digits.row(loaders.digits("test").images[shown], captions, alts, size=84)


def nothing_found(answers: Answers, chosen: Filter) -> None:
    """Say that no mistake matches, with the way back."""
    if not len(answers.mistakes):
        st.info("Not one test digit is misread.", icon=":material/check:")
        return
    true = "No digit" if chosen.true is None else f"No {chosen.true}"
    predicted = "another digit" if chosen.predicted is None else f"a {chosen.predicted}"
    if chosen.true == chosen.predicted:
        st.info(f"A {chosen.true} read as a {chosen.true} is no mistake.", icon=":material/info:")
    else:
        st.info(f"{true} is read as {predicted}.", icon=":material/info:")
    st.button("Show all mistakes", icon=":material/filter_alt_off:", on_click=_choose, args=(Filter(),))


def whole_percent(share: float) -> str:
    """A probability in whole percent; what is not quite 100 % does not claim to be."""
    return "> 99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def _take_click() -> None:
    points = st.session_state[_CHART].selection.points
    if points and "customdata" in points[0]:
        clicked = Filter(*points[0]["customdata"])
        _choose(Filter() if clicked == _chosen() else clicked)


def _chosen() -> Filter:
    values = (st.session_state[key] for key in (TRUE, READ))
    return Filter(*(None if value == ANY else int(value) for value in values))


def _choose(wanted: Filter) -> None:
    for key, digit in zip((TRUE, READ), wanted, strict=True):
        st.session_state[key] = ANY if digit is None else str(digit)
    _first_page()


def _first_page() -> None:
    st.session_state[PAGE] = 1
