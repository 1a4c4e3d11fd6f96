"""The mistakes as cards: which are chosen and in what order, and the pages of them."""

import html
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from mnist_core.data.label_errors import VOTES
from mnist_core.evaluation.answers import Answers, MistakeOrder, Range
from ui.common import cache
from ui.common.digit_images import picture
from ui.common.text import whole_percent
from ui.components.clickable_html import clickable
from ui.mistakes.paging import choose_page, first_page

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

_STYLE = """<style>
.cards {display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 10px}
.cards button {all: unset; box-sizing: border-box; display: flex; flex-direction: column; cursor: pointer; padding: 6px;
  border-radius: 8px; font-size: 0.8rem; line-height: 1.35;
  border: 1px solid color-mix(in srgb, currentColor 14%, transparent); font-variant-numeric: tabular-nums}
.cards button:hover {border-color: currentColor}
.cards button:focus-visible {outline: 2.5px solid currentColor}
.cards img.digit {width: 100%; height: auto; aspect-ratio: 1}
.cards .reading {padding: 4px 0 2px}
.cards .index {opacity: 0.75; font-size: 0.72rem}
.cards .share {padding: 0 4px; border-radius: 2px; margin-top: 1px; background: linear-gradient(
  to right, color-mix(in srgb, currentColor 20%, transparent) var(--p), transparent var(--p))}
.cards .true {background: linear-gradient(to right, rgb(230 140 20 / 0.5) var(--p), transparent var(--p));
  font-weight: 600}
</style>"""


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
    grid(answers, page.indices, on_open, key="cards")


def grid(answers: Answers, indices: np.ndarray, on_open: Callable[[str], None], *, key: str) -> None:
    """These test digits as cards that open."""
    images = cache.digits("test").images
    body = "".join(_card(answers, int(index), images[index]) for index in indices)
    clickable(f'{_STYLE}<div class="cards">{body}</div>', on_open, key=key)


def nothing_found(answers: Answers, chosen: Filter) -> None:
    """Say that no mistake matches, with the way back."""
    if not len(answers.mistakes):
        st.info("No mistakes on the test digits.", icon=":material/check:")
        return
    true = "No digit" if chosen.true is None else f"No {chosen.true}"
    predicted = "another digit" if chosen.predicted is None else f"a {chosen.predicted}"
    if chosen.true is not None and chosen.true == chosen.predicted:
        st.info(f"A {chosen.true} read as a {chosen.true} is no mistake.", icon=":material/info:")
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


def _card(answers: Answers, index: int, image: np.ndarray) -> str:
    true, predicted, probabilities = answers.labels[index], answers.predicted[index], answers.probabilities[index]
    reading = f"{true} read as {predicted}"
    alt = f"Test digit {index}: {reading}, probability {whole_percent(probabilities[predicted])}"
    shares = "".join(
        f'<span class="share{" true" if digit == true else ""}" style="--p:{probabilities[digit]:.0%}">'
        f"{digit}&ensp;{html.escape(whole_percent(probabilities[digit]))}</span>"
        for digit in np.argsort(-probabilities, kind="stable")[:3]
    )
    doubt = " · doubted" if index in VOTES else ""
    return (
        f'<button type="button" data-value="{index}">{picture(image, alt, 90)}'
        f'<span class="reading"><b>{reading}</b></span>{shares}'
        f'<span class="index">#{index}{doubt}</span></button>'
    )


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
