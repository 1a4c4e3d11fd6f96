"""A sweep's trials -> plotly figures as plain JSON: in their order, over the settings, and the winner's. No Streamlit.

Better trials are more orange and worse ones more blue, in five steps by rank: told apart with any colour vision, on
light and dark paper.
"""

import bisect
import math
from collections.abc import Mapping, Sequence
from typing import Any

from mnist_core.config.train_config import settings
from mnist_core.evaluation.statistics import Interval, between, share
from mnist_core.plots.style import CHANGE_COLOUR, TEST_COLOUR, TRAIN_COLOUR, VALIDATION_COLOUR
from mnist_core.sweeps.results import TrialRow, best_of, best_so_far
from mnist_core.sweeps.retrain import Outcome
from mnist_core.sweeps.space import Range, Space, Value

_RANKS = ("#2F86C9", "#7FA6BF", "#A8A8A8", "#D98E54", "#D55E00")  # from the worst fifth to the best
_SYMBOLS = {"complete": "circle", "pruned": "x", "running": "circle-open"}
_WORDS = {"complete": "complete", "pruned": "ended early", "running": "training"}
_ACCURACIES = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)  # marked on an axis of the error rate
_INNER = 0.04  # of an axis is left free at both ends


def trials_figure(rows: Sequence[TrialRow], planned: int) -> dict[str, Any]:
    """Validation accuracy of each of `planned` trials by its number, with the best so far as a line.

    The axis is that of the error rate, upside down and logarithmic: 90, 99 and 99.9 % are as far apart, one that
    diverged squeezes nothing, and no new trial moves it.
    """
    traces: list[dict[str, Any]] = []
    for state, symbol in _SYMBOLS.items():
        found = [(row, _accuracy(row)) for row in rows if row.state == state]
        shown = [(row, accuracy) for row, accuracy in found if accuracy is not None]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": _WORDS[state],
                "x": [row.number for row, _ in shown],
                "y": [_error(accuracy) for _, accuracy in shown],
                "text": [in_words(row) for row, _ in shown],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"symbol": symbol, "size": 9, "color": TRAIN_COLOUR if state == "complete" else "#8A8A8A"},
            }
        )
    if climb := best_so_far(list(rows)):
        done = sorted((row for row in rows if row.state == "complete"), key=lambda row: row.ended or 0.0)
        by_number: dict[int, float] = {}
        for (_, reached), row in zip(climb, done, strict=True):
            by_number[row.number] = max(reached, by_number.get(row.number, 0.0))
        numbers = sorted(by_number)
        reaches = [max(by_number[n] for n in numbers[: place + 1]) for place in range(len(numbers))]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "best so far",
                "x": numbers,
                "y": [_error(reached) for reached in reaches],
                "text": [share(reached, 2) for reached in reaches],
                "line": {"color": TEST_COLOUR, "width": 2, "shape": "hv"},
                "hovertemplate": "best so far %{text}<extra></extra>",
            }
        )
    layout = _layout("trials")
    last = max(planned, len(rows), 2) - 1
    layout["xaxis"] = _axis("trial") | {
        "range": [-0.03 * last - 0.3, 1.03 * last + 0.3],
        "tickformat": "d",
        "nticks": 10,
    }
    if last < 10:
        layout["xaxis"]["dtick"] = 1
    layout["yaxis"] = _axis("Validation accuracy") | {
        "type": "log",
        "range": [0.03, -3],
        "tickvals": [_error(accuracy) for accuracy in _ACCURACIES],
        "ticktext": [f"{100 * accuracy:g} %" for accuracy in _ACCURACIES],
    }
    return {"data": traces, "layout": layout}


def parallel_figure(rows: Sequence[TrialRow], space: Space) -> dict[str, Any]:
    """One upright axis a searched setting and one for the accuracy; each complete trial is a line across them.

    An axis is logarithmic where its range is searched so.
    """
    done = ranked(rows)
    names = list(space)
    axes = [_Scale(name, space[name], [row.values[name] for row in done]) for name in names]
    accuracies = [row.accuracy or 0.0 for row in done]
    low, high = (min(accuracies), max(accuracies)) if done else (0.0, 1.0)
    worst, best = _error(low), _error(high)  # the axis is that of `trials_figure`

    def height(accuracy: float) -> float:
        return _inner(math.log(worst / _error(accuracy)), math.log(worst / best))

    traces = []
    for rank, colour in enumerate(_RANKS):
        x: list[float | None] = []
        y: list[float | None] = []
        text: list[str] = []
        for place, row in enumerate(done):
            if place * len(_RANKS) // len(done) != rank:
                continue
            heights = [axis.at(row.values[name]) for axis, name in zip(axes, names, strict=True)]
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
    ticks = [axis.ticks() for axis in axes]
    inside = [accuracy for accuracy in _ACCURACIES if 0.08 < height(accuracy) < 0.92]
    ticks.append(
        [(height(value), share(value, 2)) for value in {low, high}]
        + [(height(value), f"{100 * value:g} %") for value in inside]
    )
    layout = _layout("parallel")
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
    done = ranked(rows)
    traces = []
    for rank, colour in enumerate(_RANKS):
        found = [row for place, row in enumerate(done) if place * len(_RANKS) // len(done) == rank]
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
    if best := best_of(list(rows)):
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
    layout = _layout(f"map/{across}/{up}")
    layout["xaxis"] = _axis(settings()[across].label) | _kind(across, space[across])
    layout["yaxis"] = _axis(settings()[up].label) | _kind(up, space[up])
    return {"data": traces, "layout": layout}


def importance_figure(shares: Mapping[str, float]) -> dict[str, Any]:
    """Which share of the accuracy's variation each setting accounts for, the largest on top."""
    names = sorted(shares, key=lambda name: shares[name])
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [settings()[name].label for name in names],
        "x": [shares[name] for name in names],
        "marker": {"color": TRAIN_COLOUR},
        "text": [share(shares[name], 0) for name in names],
        "textposition": "outside",
        "hovertemplate": "%{y}: %{x:.0%}<extra></extra>",
        "cliponaxis": False,
        "showlegend": False,
    }
    layout = _layout("importance")
    layout["xaxis"] = _axis("Share of the variation") | {"tickformat": ".0%", "range": [0, 1.08], "fixedrange": True}
    layout["yaxis"] = {"fixedrange": True, "automargin": True, "zeroline": False}
    layout["margin"] |= {"l": 150}
    return {"data": [trace], "layout": layout}


def winner_figure(outcome: Outcome) -> dict[str, Any]:
    """What the winner was chosen with, above what its settings reached with fresh seeds; 95 % intervals."""
    points = [("chosen with (validation)", outcome.trial.accuracy, outcome.validation_interval, VALIDATION_COLOUR)]
    points += [(f"fresh seed {run.seed} (test)", run.test_accuracy, run.interval, TEST_COLOUR) for run in outcome.runs]
    if outcome.mean is not None and outcome.mean_interval is not None:
        points.append(("mean of the fresh seeds", outcome.mean, Interval(*outcome.mean_interval), CHANGE_COLOUR))
    traces = []
    for label, accuracy, interval, colour in points:
        known = accuracy is not None and interval is not None
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [accuracy] if known else [],
                "y": [label] if known else [],
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [interval.high - accuracy] if interval and accuracy is not None else [],
                    "arrayminus": [accuracy - interval.low] if interval and accuracy is not None else [],
                    "color": colour,
                    "thickness": 2,
                },
                "marker": {"color": colour, "size": 11, "symbol": "diamond" if "mean" in label else "circle"},
                "hovertemplate": f"{label}: %{{x:.2%}}<extra></extra>",
                "showlegend": False,
            }
        )
    layout = _layout("winner")
    layout["xaxis"] = _axis("Accuracy, with its 95 % interval") | {"tickformat": ".2%", "nticks": 6}
    layout["yaxis"] = {
        "categoryorder": "array",
        "categoryarray": [label for label, *_ in reversed(points)],
        "range": [-0.6, len(points) - 0.4],
        "fixedrange": True,
        "automargin": False,
        "zeroline": False,
    }
    layout["margin"] |= {"l": 175, "b": 48}
    return {"data": traces, "layout": layout}


def ranked(rows: Sequence[TrialRow]) -> list[TrialRow]:
    """The complete trials, the worst first."""
    done = [row for row in rows if row.state == "complete" and row.accuracy is not None]
    return sorted(done, key=lambda row: (row.accuracy or 0.0, -row.number))


def in_words(row: TrialRow) -> str:
    """A trial in one line, for example "trial 7: 97.4 %, learning rate 0.05, momentum 0.9"."""
    accuracy = _accuracy(row)
    said = [_WORDS.get(row.state, row.state) if accuracy is None else share(accuracy, 2)]
    said += [f"{settings()[name].label.lower()} {_short(value)}" for name, value in row.values.items()]
    return f"trial {row.number}: {', '.join(said)}"


def in_words_of_all(rows: Sequence[TrialRow]) -> str:
    """What the figures of the trials show, for who cannot see them."""
    done = ranked(rows)
    if not done:
        return "No trial is complete yet."
    ends = (done[0].accuracy or 0.0, done[-1].accuracy or 0.0)
    return f"{len(done)} complete trials, {between(ends, 2)} % validation accuracy; the best is {in_words(done[-1])}."


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
        return [(self.at(value), _short(value)) for value in sorted(values)]


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


def _accuracy(row: TrialRow) -> float | None:
    if row.accuracy is None and row.epochs:
        return row.epochs[max(row.epochs)]
    return row.accuracy


def _error(accuracy: float) -> float:
    """The error rate, as a log axis can show it."""
    return max(1 - accuracy, 1e-3)


def _short(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"


def _kind(name: str, said: Range) -> dict[str, Any]:
    if settings()[name].kind is str:
        return {"type": "category"}
    if not said.log:
        return {"type": "linear"}
    low, high = (float(end) for end in said.ends())
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    marks = [float(f"{factor}e{power}") for power in powers for factor in (1, 2, 5)]
    return {"type": "log", "tickvals": marks, "ticktext": [_short(mark) for mark in marks]}


def _axis(title: str) -> dict[str, Any]:
    return {"title": {"text": title, "standoff": 4}, "zeroline": False, "automargin": False}


def _layout(view: str) -> dict[str, Any]:
    return {
        "margin": {"l": 64, "r": 18, "t": 12, "b": 78, "autoexpand": False},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "yref": "container", "y": 0, "yanchor": "bottom"}
        | {"bgcolor": "rgba(0,0,0,0)"},
        "showlegend": True,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 13},
        "uirevision": view,
        "hovermode": "closest",
    }
