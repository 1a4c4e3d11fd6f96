"""A sweep's trials over the settings that were searched -> plotly figures as plain JSON. No Streamlit.

Better trials are more orange and worse ones more blue, in five steps by rank: told apart with any colour vision, on
light and dark paper.
"""

import bisect
import math
from collections.abc import Sequence
from typing import Any

from mnist_core.config.train_config import settings
from mnist_core.evaluation.statistics import share
from mnist_core.plots.style import CHANGE_COLOUR, axis
from mnist_core.plots.sweeps import ACCURACIES, error_rate, in_words, layout_of, ranked, short
from mnist_core.sweeps.results import TrialRow, best_of
from mnist_core.sweeps.space import Range, Space, Value

RANKS = ("#2F86C9", "#7FA6BF", "#A8A8A8", "#D98E54", "#D55E00")  # from the worst fifth to the best
_INNER = 0.04  # of an axis is left free at both ends


def parallel_figure(rows: Sequence[TrialRow], space: Space) -> dict[str, Any]:
    """One upright axis a searched setting and one for the accuracy; each complete trial is a line across them.

    An axis is logarithmic where its range is searched so.
    """
    names = list(space)
    done = _placed(rows, names)
    scales = [_Scale(name, space[name], [row.values[name] for row in done]) for name in names]
    accuracies = [row.accuracy or 0.0 for row in done]
    low, high = (min(accuracies), max(accuracies)) if done else (0.0, 1.0)
    worst, best = error_rate(low), error_rate(high)  # the axis is that of `trials_figure`

    def height(accuracy: float) -> float:
        return _inner(math.log(worst / error_rate(accuracy)), math.log(worst / best))

    traces = []
    for rank, colour in enumerate(RANKS):
        x: list[float | None] = []
        y: list[float | None] = []
        text: list[str] = []
        for place, row in enumerate(done):
            if place * len(RANKS) // len(done) != rank:
                continue
            heights = [scale.at(row.values[name]) for scale, name in zip(scales, names, strict=True)]
            heights.append(height(row.accuracy or 0.0))
            x += [*range(len(heights)), None]
            y += [*heights, None]
            text += [in_words(row)] * (len(heights) + 1)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": ("worst fifth", "", "middle", "", "best fifth")[rank],
                "showlegend": rank % 2 == 0,
                "x": x,
                "y": y,
                "text": text,
                "hovertemplate": "%{text}<extra></extra>",
                "line": {"color": colour, "width": 1.2 + 0.4 * rank},
                "marker": {"color": colour, "size": 4 + rank},
                "opacity": 0.45 + 0.12 * rank,
            }
        )
    labels = [*(settings()[name].label for name in names), "Accuracy"]
    ticks = [scale.ticks() for scale in scales]
    inside = [accuracy for accuracy in ACCURACIES if low < accuracy < high and 0.08 < height(accuracy) < 0.92]
    ticks.append(
        [(height(value), share(value, 2)) for value in {low, high}]
        + [(height(value), f"{100 * value:g} %") for value in inside]
    )
    layout = layout_of("parallel")
    layout["xaxis"] = {
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "range": [-0.35, len(labels) - 0.65],
        "side": "top",
        "showgrid": True,
        "zeroline": False,
        "fixedrange": True,
        "automargin": False,
    }
    layout["yaxis"] = {"visible": False, "range": [-0.03, 1.03], "fixedrange": True}
    layout["annotations"] = [
        {"x": place, "y": height, "text": text, "showarrow": False, "xanchor": "right", "xshift": -6}
        for place, marks in enumerate(ticks)
        for height, text in marks
    ]
    layout["margin"] |= {"l": 30, "t": 34}
    return {"data": traces, "layout": layout}


def map_figure(rows: Sequence[TrialRow], space: Space, across: str, up: str) -> dict[str, Any]:
    """The complete trials over two searched settings, coloured by rank, the best marked by a star."""
    done = _placed(rows, (across, up))
    traces = []
    for rank, colour in enumerate(RANKS):
        found = [row for place, row in enumerate(done) if place * len(RANKS) // len(done) == rank]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": ("worst fifth", "", "middle", "", "best fifth")[rank],
                "showlegend": rank % 2 == 0,
                "x": [row.values[across] for row in found],
                "y": [row.values[up] for row in found],
                "text": [in_words(row) for row in found],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"color": colour, "size": 9 + 1.5 * rank, "line": {"width": 1, "color": "rgba(0,0,0,0.35)"}},
            }
        )
    if best := best_of(done):
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "best",
                "x": [best.values[across]],
                "y": [best.values[up]],
                "text": [in_words(best)],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"symbol": "star-open", "size": 24, "color": CHANGE_COLOUR, "line": {"width": 2}},
            }
        )
    layout = layout_of(f"map/{across}/{up}")
    layout["xaxis"] = axis(settings()[across].label) | _kind(across, space[across])
    layout["yaxis"] = axis(settings()[up].label) | _kind(up, space[up])
    return {"data": traces, "layout": layout}


def _placed(rows: Sequence[TrialRow], names: Sequence[str]) -> list[TrialRow]:
    """The complete trials, the worst first; one whose values have been lost has no place."""
    return [row for row in ranked(rows) if all(name in row.values for name in names)]


class _Scale:
    """Where the values of one searched setting lie on its axis, 0 to 1."""

    def __init__(self, name: str, said: Range, seen: Sequence[Value]) -> None:
        self.is_log = said.log
        self.choices: list[Value] = []
        self.low, self.high = 0.0, 1.0
        if said.choices and settings()[name].kind is str:
            self.choices = list(said.choices)
        else:
            ends = [float(end) for end in (*said.ends(), *seen)]
            self.low, self.high = min(ends), max(ends)
            self.is_log = said.log or (self.low > 0 and self.high / self.low > 50)

    def at(self, value: Value) -> float:
        """Of a value; the lowest is at the bottom."""
        if self.choices:
            return _inner(self.choices.index(value), len(self.choices) - 1) if value in self.choices else 0.0
        number = float(value)
        if self.is_log:
            return _inner(math.log(number / self.low), math.log(self.high / self.low))
        return _inner(number - self.low, self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Where something is written, and what."""
        if self.choices:
            return [(self.at(choice), str(choice)) for choice in self.choices]
        values = {self.low, self.high, *_round_values(self.low, self.high, self.is_log)}
        return [(self.at(value), short(value)) for value in sorted(values)]


def _round_values(low: float, high: float, is_log: bool) -> list[float]:
    """Two or three round numbers well between the ends."""
    if is_log:
        tens = [10.0**power for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]
        return [value for value in tens if low * 1.6 < value < high / 1.6][:6]
    steps = [10.0**power * factor for power in range(-6, 6) for factor in (1, 2, 5)]
    step = steps[bisect.bisect_left(steps, (high - low) / 4)]
    first = math.ceil(low / step)
    inside = [round((first + i) * step, 10) for i in range(8)]
    return [value for value in inside if low + 0.3 * step < value < high - 0.3 * step]


def _inner(value: float, length: float) -> float:
    return 0.5 if length == 0 else _INNER + (1 - 2 * _INNER) * value / length


def _kind(name: str, said: Range) -> dict[str, Any]:
    if settings()[name].kind is str:
        return {"type": "category"}
    if not said.log:
        return {"type": "linear"}
    low, high = (float(end) for end in said.ends())
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    marks = [float(f"{factor}e{power}") for power in powers for factor in (1, 2, 5)]
    return {"type": "log", "tickvals": marks, "ticktext": [short(mark) for mark in marks]}
