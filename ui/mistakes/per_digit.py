"""The Digit by digit section: precision, recall and F1 of the ten digits, with their intervals."""

import streamlit as st

from mnist_core.evaluation import statistics
from mnist_core.evaluation.per_digit import DigitScore, digit_scores
from mnist_core.evaluation.statistics import Interval, accuracy_sentence
from mnist_core.runs.run import Run
from ui.common import cache

_STYLE = """<style>
.scores {border-collapse: collapse; width: 100%; max-width: 52rem; font-variant-numeric: tabular-nums}
.scores :is(td, th) {border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 12%, transparent);
  padding: 0.35rem 0.8rem 0.35rem 0; text-align: left; font-weight: 400; vertical-align: middle}
.scores thead th, .scores tbody th {font-weight: 600}
.scores small {opacity: 0.75; margin-left: 0.5rem}
.scores .track {position: relative; height: 0.5rem; margin-top: 3px; border-radius: 2px;
  background: color-mix(in srgb, currentColor 8%, transparent)}
.scores .range {position: absolute; height: 100%; border-radius: 2px; background: rgb(31 111 201 / 0.55)}
.scores .point {position: absolute; width: 3px; margin-left: -1.5px; height: 100%; background: currentColor}
@media (max-width: 640px) {.scores {font-size: 0.8rem} .scores small {display: block; margin: 0}
  .scores :is(td, th) {padding-right: 0.45rem}}
</style>"""


def show(run: Run, epoch: int) -> None:
    """Draw the section for what `run` says to the test digits after `epoch` epochs."""
    answers = cache.answers_of(run, epoch)
    st.markdown(
        f"Accuracy {accuracy_sentence(answers.correct, len(answers))}, mean loss {answers.loss:.4f}. "
        "Which digits does it come from?"
    )
    scores = digit_scores(answers.confusion)
    lows = [interval.low for s in scores for interval in (s.recall_interval, s.precision_interval) if interval]
    start = int(20 * min(lows)) / 20  # the bars begin at a whole 5 %
    rows = "".join(
        f'<tr><th scope="row">{s.digit}</th>{_share(s.recall, s.recall_interval, s.right, s.labelled, start)}'
        f"{_share(s.precision, s.precision_interval, s.right, s.read, start)}<td>{_percent(s.f1)}</td></tr>"
        for s in scores
    )
    st.html(
        f'{_STYLE}<table class="scores"><thead><tr><th scope="col">Digit</th><th scope="col">Recall</th>'
        f'<th scope="col">Precision</th><th scope="col">F1</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    st.caption(
        "Recall: the share of a digit's test images that are predicted as it. Precision: the share of the images "
        "predicted as a digit that are it. F1: their harmonic mean. "
        f"The bars run from {100 * start:.0f} to 100 %; the mark is the share, "
        f"the blue its Wilson 95 % interval. Lowest F1: {_worst(scores)}."
    )


def _share(share: float | None, interval: Interval | None, count: int, total: int, start: float) -> str:
    if share is None or interval is None:
        return "<td>none</td>"
    low, high, point = (100 * (end - start) / (1 - start) for end in (*interval, share))
    return (
        f"<td>{_percent(share)} <small>{statistics.between(interval)}</small>"
        f"<small>{count:,} of {total:,}</small>"
        f'<div class="track"><div class="range" style="left:{low:.1f}%;width:{high - low:.1f}%"></div>'
        f'<div class="point" style="left:{point:.1f}%"></div></div></td>'
    )


def _percent(share: float | None) -> str:
    return "none" if share is None else statistics.share(share)


def _worst(scores: list[DigitScore]) -> str:
    worst = min(scores, key=lambda s: -1 if s.f1 is None else s.f1)
    return f"{worst.digit}, {_percent(worst.f1)}"
