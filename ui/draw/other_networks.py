"""The same digit asked of several networks, and of one network as it learned."""

import html

import numpy as np
import streamlit as st

from mnist_core.errors import MnistError
from ui.common import cache
from ui.common.digit_images import bars
from ui.common.run_selector import run_label
from ui.common.text import percent, plain
from ui.draw import answer
from ui.draw.answer import Answered

AT_FIRST, AT_MOST = 3, 8  # networks shown side by side
EPOCHS = 40  # of a longer run so many are shown, evenly spread

_CARDS = """<style>
.networks {display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1.5rem 2rem}
.networks h4 {font-size: 0.85rem; font-weight: 400; line-height: 1.35; min-height: 2.7em; padding: 0}
.networks .digit {font-size: 3rem; font-weight: 700; line-height: 1.1; margin-right: 0.5rem}
</style>"""
_STRIP = """<style>
.by-epoch {overflow-x: auto}
.by-epoch table {border-collapse: separate; border-spacing: 2px; font-variant-numeric: tabular-nums}
.by-epoch :is(td, th) {border: 0; padding: 0; height: 1.5rem; min-width: 1.5rem; text-align: center; font-weight: 400;
  font-size: 0.75rem}
.by-epoch td {background: color-mix(in srgb, var(--st-primary-color, #2B7BC8) calc(var(--p) * 100%),
  color-mix(in srgb, currentColor 7%, transparent)); border-radius: 2px}
.by-epoch .read {outline: 2px solid currentColor; outline-offset: -2px}
</style>"""


def networks(answered: Answered) -> None:
    """Choose runs, and see what each answers to the same digit."""
    known = {run.id: run for run in cache.runs_with_weights()}
    ranked = sorted(known.values(), key=lambda run: -(cache.status(run).test_accuracy or 0))
    default = [answered.run.id, *(run.id for run in ranked if run != answered.run)][:AT_FIRST]
    chosen = st.multiselect(
        "Networks",
        list(known),
        default=default,
        format_func=lambda run_id: run_label(known[run_id]),
        max_selections=AT_MOST,
        key="networks",
        placeholder="Choose runs",
    )
    cards, failures = [], []
    for run_id in chosen:
        try:
            probabilities = answer.ask(known[run_id], answered.prepared.image[None])[0]
        except MnistError as error:
            failures.append(str(error))
            continue
        digit = int(probabilities.argmax())
        label = html.escape(run_label(known[run_id]))
        label_of_bars = f"Probability of each digit, {run_label(known[run_id])}"
        cards.append(
            f'<section><h4>{label}</h4><span class="digit">{digit}</span> {percent(probabilities[digit])}'
            f"{bars(probabilities, label_of_bars, small=True)}</section>"
        )
    st.html(f'{_CARDS}<div class="networks">{"".join(cards)}</div>')
    for failure in failures:
        st.error(plain(failure), icon=":material/error:")


def epochs(answered: Answered) -> None:
    """What the run answers to the digit after each of its saved epochs: a strip of ten rows, a column an epoch."""
    run, image = answered.run, answered.prepared.image
    saved = cache.saved_epochs(run)
    shown = [saved[i] for i in np.unique(np.linspace(0, len(saved) - 1, EPOCHS).round().astype(int))]
    probabilities = np.concatenate([answer.ask(run, image[None], epoch) for epoch in shown])
    read = probabilities.argmax(1)
    head = "".join(f'<th scope="col">{epoch}</th>' for epoch in shown)
    rows = "".join(
        f'<tr><th scope="row">{digit}</th>'
        + "".join(
            f'<td{" class=read" if read[i] == digit else ""} style="--p:{probabilities[i, digit]:.3f}" '
            f'title="Epoch {epoch}: {digit}, {percent(probabilities[i, digit])}"></td>'
            for i, epoch in enumerate(shown)
        )
        + "</tr>"
        for digit in range(10)
    )
    st.html(
        f'{_STRIP}<div class="by-epoch"><table aria-label="Probability of each digit after each epoch">'
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    st.caption(
        "Each column is an epoch (0 is before the first step), each row a digit: the stronger the colour, the more "
        f"probable; the frame marks the prediction. {_in_words(shown, read)}"
    )


def _in_words(shown: list[int], read: np.ndarray) -> str:
    """The first of the last epochs in a row that predict the same."""
    last = int(read[-1])
    differs = np.flatnonzero(read != last)
    if not len(differs):
        return f"It has predicted {last} from the start."
    since = shown[int(differs[-1]) + 1]
    return f"It has predicted {last} since epoch {since}; before that, {int(read[differs[-1]])}."
