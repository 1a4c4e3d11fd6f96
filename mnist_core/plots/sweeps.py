"""A sweep's trials -> plotly figures as plain JSON: in their order, what matters, and the winner's. No Streamlit."""

from collections.abc import Mapping, Sequence
from typing import Any

from mnist_core.config.train_config import settings
from mnist_core.evaluation.statistics import Interval, between, share
from mnist_core.plots.style import CHANGE_COLOUR, LASTING, TEST_COLOUR, TRAIN_COLOUR, VALIDATION_COLOUR, axis
from mnist_core.sweeps.results import TrialRow, best_so_far
from mnist_core.sweeps.retrain import Outcome
from mnist_core.sweeps.space import Value

_SYMBOLS = {"complete": "circle", "pruned": "x", "running": "circle-open"}
_WORDS = {"complete": "complete", "pruned": "ended early", "running": "training"}
ACCURACIES = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)  # marked on an axis of the error rate


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
                "y": [error_rate(accuracy) for _, accuracy in shown],
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
                "y": [error_rate(reached) for reached in reaches],
                "text": [share(reached, 2) for reached in reaches],
                "line": {"color": TEST_COLOUR, "width": 2, "shape": "hv"},
                "hovertemplate": "best so far %{text}<extra></extra>",
            }
        )
    layout = layout_of("trials")
    last = max(planned, len(rows), 2) - 1
    layout["xaxis"] = axis("trial") | {
        "range": [-0.03 * last - 0.3, 1.03 * last + 0.3],
        "tickformat": "d",
        "nticks": 10,
    }
    if last < 10:
        layout["xaxis"]["dtick"] = 1
    layout["yaxis"] = axis("Validation accuracy") | {
        "type": "log",
        "range": [0.03, -3],
        "tickvals": [error_rate(accuracy) for accuracy in ACCURACIES],
        "ticktext": [f"{100 * accuracy:g} %" for accuracy in ACCURACIES],
    }
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
    layout = layout_of("importance")
    layout["xaxis"] = axis("Share of the variation") | {"tickformat": ".0%", "range": [0, 1.08], "fixedrange": True}
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
    layout = layout_of("winner")
    layout["xaxis"] = axis("Accuracy, with its 95 % interval") | {"tickformat": ".2%", "nticks": 6}
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
    said += [f"{settings()[name].label.lower()} {short(value)}" for name, value in row.values.items()]
    return f"trial {row.number}: {', '.join(said)}"


def in_words_of_all(rows: Sequence[TrialRow]) -> str:
    """What the figures of the trials show, for who cannot see them."""
    done = ranked(rows)
    if not done:
        return "No trial is complete yet."
    ends = (done[0].accuracy or 0.0, done[-1].accuracy or 0.0)
    return f"{len(done)} complete trials, {between(ends, 2)} % validation accuracy; the best is {in_words(done[-1])}."


def _accuracy(row: TrialRow) -> float | None:
    if row.accuracy is None and row.epochs:
        return row.epochs[max(row.epochs)]
    return row.accuracy


def error_rate(accuracy: float) -> float:
    """The error rate, as a log axis can show it."""
    return max(1 - accuracy, 1e-3)


def short(value: Value) -> str:
    """A setting's value in few characters."""
    return value if isinstance(value, str) else f"{value:.3g}"


def layout_of(view: str) -> dict[str, Any]:
    """What all figures share; a zoom is kept while `view` stays the same."""
    return LASTING | {"margin": dict(LASTING["margin"]), "uirevision": view}
