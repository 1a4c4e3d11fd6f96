"""The answers before and after the changes: to one digit as bars, to the test digits as an accuracy."""

import html

import numpy as np
import streamlit as st

from mnist_core.comparison.pair import Comparison
from mnist_core.config.train_config import TEST_SIZE
from mnist_core.evaluation.statistics import points, share, wilson
from mnist_core.interpretation.ablation import verdict
from ui.common.text import percent

# Before is an outline, after is filled: told apart without a colour.
_STYLE = """<style>
.broken-bars {width: 100%; max-width: 34rem; border-collapse: collapse; font-variant-numeric: tabular-nums}
.broken-bars :is(td, th) {border: 0; padding: 1px 4px; height: 1.7rem; font-weight: 400; text-align: left}
.broken-bars thead th {opacity: 0.8; font-size: 0.85rem}
.broken-bars tbody th {width: 1.6rem; text-align: right}
.broken-bars td {width: 48%; position: relative}
.broken-bars .top {font-weight: 700}
.broken-bars i {position: absolute; left: 4px; top: 3px; bottom: 3px; border-radius: 3px; box-sizing: border-box}
.broken-bars .before {border: 1.5px solid color-mix(in srgb, currentColor 60%, transparent)}
.broken-bars .after {background: color-mix(in srgb, var(--st-primary-color, #2F86C9) 45%, transparent)}
.broken-bars span {position: relative; padding-left: 6px}
</style>"""


def bars(before: np.ndarray, after: np.ndarray, name: str) -> None:
    """The ten probabilities of a digit before and after, (10,) each, as bars side by side; `name` is the digit's."""
    rows = "".join(
        f'<tr><th scope="row">{digit}</th>{_cell(before, digit, "before")}{_cell(after, digit, "after")}</tr>'
        for digit in range(10)
    )
    label = html.escape(f"Probability of each digit for {name}, before and after the changes", quote=True)
    st.html(
        f'{_STYLE}<table class="broken-bars" aria-label="{label}"><thead><tr><th></th><th scope="col">before</th>'
        f'<th scope="col">after</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _cell(probabilities: np.ndarray, digit: int, kind: str) -> str:
    value = probabilities[digit]
    is_top = ' class="top"' if digit == probabilities.argmax() else ""
    return (
        f'<td{is_top}><i class="{kind}" style="width:calc((100% - 8px) * {value:.4f})"></i>'
        f"<span>{html.escape(percent(value))}</span></td>"
    )


def accuracy(found: Comparison) -> None:
    """The accuracy before and after on the digits asked so far, with intervals; and whether it could be luck."""
    n = len(found.before)
    left, right = st.columns(2)
    for column, title, answers in ((left, "Before", found.before), (right, "After", found.after)):
        low, high = (100 * end for end in wilson(answers.correct, n))
        change = f"{100 * found.gain:+.2f} points" if title == "After" else None
        column.metric(title, share(answers.accuracy, 2), change)
        column.caption(f"{n:,} test digits, 95 % interval {low:.2f} to {high:.2f}")
    if n == TEST_SIZE:
        least, most = (points(end, 2) for end in found.gain_interval)
        st.markdown(f"{verdict(found)} It is {points(found.gain, 2)} points (95 % interval {least} to {most}).")
