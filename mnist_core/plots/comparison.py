"""Several runs -> plotly figures as plain JSON: their curves, their accuracies as dots, accuracy against cost."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from mnist_core.comparison.curves import Axis, Band, Line
from mnist_core.evaluation.statistics import Interval, between, share, wilson
from mnist_core.plots.style import DASHES, LASTING, MARKS, SERIES_COLOURS, TEST_COLOUR, VALIDATION_COLOUR, axis, label
from mnist_core.plots.training import MAX_POINTS, thin

AXIS_TITLES: dict[Axis, str] = {
    "digits": "training digits seen",
    "epochs": "epochs",
    "seconds": "seconds of training, at each run's mean speed",
}
ROW_HEIGHT = 44  # pixels of a run among the dots
LEGEND_ROW = 20  # pixels
MOST_ROWS = 10  # of a legend on a narrow screen
LABEL = 26  # characters of a run's name beside a plot or in its legend
_UNITS = {"digits": "%{x:,} digits", "epochs": "epoch %{x:.4~g}", "seconds": "%{x:.4~g} s"}
_SMALLEST_ERROR = 1e-5  # a log axis has no zero
_ERRORS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


class Series(NamedTuple):
    """One run, or the seeds of one kind as a band, among several."""

    label: str
    line: Line  # of a band: its mean
    band: Band | None = None
    place: int = 0  # its colour, dash and mark: the same as long as it is chosen


def curves_figure(
    series: Sequence[Series],
    quantity: str,
    along: Axis,
    *,
    log_x: bool = False,
    log_y: bool = False,
    revision: str = "",
) -> dict[str, Any]:
    """The curves of a quantity (`curves.QUANTITIES`) along an axis; accuracies on a log axis are drawn as errors."""
    is_accuracy = quantity.endswith("_accuracy")
    is_error = is_accuracy and log_y
    traces: list[dict[str, Any]] = []
    for each in series:
        traces += _band(each, is_error) if each.band else []
        traces.append(_curve(each, quantity, along, is_error))
    title = "Error rate" if is_error else quantity_title(quantity)
    layout = {
        **LASTING,
        "xaxis": axis(AXIS_TITLES[along]) | ({"type": "log"} if log_x else {"type": "linear", "rangemode": "tozero"}),
        "yaxis": axis(title) | _scale(is_accuracy, log_y),
        "uirevision": f"{revision}/{quantity}/{along}/{log_x}/{log_y}",
    }
    if along == "digits" and not log_x:
        layout["xaxis"] |= {"tickformat": "~s"}
    if log_x:
        layout["xaxis"] |= {"dtick": 1, "exponentformat": "power"}
    layout["margin"] = LASTING["margin"] | {"b": 56 + LEGEND_ROW * -(-len(series) // 3)}
    layout["legend"] = LASTING["legend"] | {"traceorder": "normal"}  # plotly's own with areas is upside down
    # On a narrow screen each name has a row; of more than there is room for, pointing at a curve tells it.
    layout["meta"] = {"narrow": {"legend_rows": len(series) if len(series) <= MOST_ROWS else 0}}
    return {"data": traces, "layout": layout}


def quantity_title(quantity: str) -> str:
    """For example "Training loss"."""
    return quantity.replace("_", " ").replace("train ", "training ").capitalize()


def _scale(is_accuracy: bool, log: bool) -> dict[str, Any]:
    if is_accuracy and log:
        names = [share(error, 2 if error < 0.001 else 1 if error < 0.01 else 0) for error in _ERRORS]
        return {"type": "log", "tickvals": list(_ERRORS), "ticktext": names}
    if is_accuracy:
        return {"type": "linear", "tickformat": ".1%"}
    return {"type": "log", "dtick": "D2"} if log else {"type": "linear", "tickformat": "~g"}


def _curve(series: Series, quantity: str, along: Axis, is_error: bool) -> dict[str, Any]:
    x, y = thin(series.line.x, series.line.y)
    colour = SERIES_COLOURS[series.place % len(SERIES_COLOURS)]
    is_tested = quantity.startswith(("test", "validation"))
    value = "%{customdata:.2%}" if quantity.endswith("_accuracy") else "%{y:.4~g}"
    trace = {
        "type": "scatter",
        "mode": "lines+markers" if is_tested and len(x) <= 100 else "lines" if len(x) > 1 else "markers",
        "name": label(series.label, LABEL),
        "x": x.tolist(),
        "y": _errors(y).tolist() if is_error else y.tolist(),
        "line": {"color": colour, "width": 2.4 if series.band else 1.6, "dash": _dash(series.place)},
        "marker": {"color": colour, "size": 7, "symbol": MARKS[series.place % len(MARKS)]},
        "hovertemplate": f"{_UNITS[along]}<br>{value}<extra>%{{fullData.name}}</extra>",
    }
    return trace | ({"customdata": y.tolist()} if quantity.endswith("_accuracy") else {})


def _band(series: Series, is_error: bool) -> list[dict[str, Any]]:
    """From the lowest to the highest, as a pale area beneath the mean."""
    band = series.band
    if band is None:
        return []
    low, high = (_errors(band.high), _errors(band.low)) if is_error else (band.low, band.high)
    colour = SERIES_COLOURS[series.place % len(SERIES_COLOURS)]
    shared = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False, "x": band.x.tolist()}
    shared |= {"line": {"width": 0, "color": colour}, "name": label(series.label, LABEL)}
    return [
        shared | {"y": low.tolist()},
        shared | {"y": high.tolist(), "fill": "tonexty", "fillcolor": _pale(colour)},
    ]


class Dots(NamedTuple):
    """A run's accuracies, each with its 95 % interval and how many digits it was counted on."""

    label: str
    test: tuple[float, Interval, int] | None
    validation: tuple[float, Interval, int] | None


def dots_figure(runs: Sequence[Dots]) -> dict[str, Any]:
    """A row for each run, the first on top: test accuracy as a diamond, validation as a square, intervals as lines."""
    traces = []
    both = any(run.validation for run in runs)
    looks = (("test", TEST_COLOUR, "diamond", 0.13), ("validation", VALIDATION_COLOUR, "square", -0.13))
    for split, colour, symbol, aside in looks:
        known = [(i, found) for i, run in enumerate(runs) if (found := getattr(run, split)) is not None]
        if not known:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"{split.capitalize()} accuracy",
                "x": [accuracy for _, (accuracy, _, _) in known],
                "y": [len(runs) - 1 - i + aside * both for i, _ in known],
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [interval.high - accuracy for _, (accuracy, interval, _) in known],
                    "arrayminus": [accuracy - interval.low for _, (accuracy, interval, _) in known],
                    "color": colour,
                    "thickness": 1.6,
                    "width": 5,
                },
                "marker": {"color": colour, "size": 10, "symbol": symbol},
                "text": [
                    f"{label(runs[i].label)}<br>{share(accuracy, 2)} (95 % interval {between(interval, 2)}, n = {n:,})"
                    for i, (accuracy, interval, n) in known
                ],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    names = [label(run.label, LABEL) for run in reversed(runs)]
    layout = {
        **LASTING,
        "margin": LASTING["margin"]
        | {"l": 14 + 7 * min(LABEL, max((len(run.label) for run in runs), default=0)), "b": 76},
        "xaxis": axis("accuracy, with 95 % interval") | {"tickformat": ".1%", "nticks": 5, "tickangle": 0},
        "yaxis": axis("") | {"tickvals": list(range(len(runs))), "ticktext": names, "range": [-0.6, len(runs) - 0.4]},
        "uirevision": "dots",
    }
    return {"data": traces, "layout": layout}


class Point(NamedTuple):
    """A run by what it costs and how good it is."""

    label: str
    cost: float
    accuracy: float


def front_figure(
    points: Sequence[Point],
    front: Sequence[int],
    chosen: Collection[int],
    cost_title: str,
    accuracy_title: str,
    log_x: bool = False,
) -> dict[str, Any]:
    """Every run as a dot, those that nothing beats as diamonds on a line of steps, the chosen ones ringed.

    Of more than `MAX_POINTS` runs as many are drawn, spread evenly, and all of the front and the chosen.
    """
    spread = range(len(points))[:: max(1, -(-len(points) // MAX_POINTS))]
    others = sorted({*spread, *chosen} - set(front))
    traces = [
        _dots(points, others, "Other runs") | {"marker": {"color": SERIES_COLOURS[6], "size": 7, "opacity": 0.6}},
        _dots(points, front, "Nothing beats these")
        | {"mode": "lines+markers", "line": {"shape": "hv", "color": TEST_COLOUR, "width": 1.6}}
        | {"marker": {"color": TEST_COLOUR, "size": 10, "symbol": "diamond"}},
        _dots(points, sorted(chosen), "Chosen")
        | {"marker": {"color": SERIES_COLOURS[0], "size": 15, "symbol": "circle-open", "line": {"width": 2}}},
    ]
    layout = {
        **LASTING,
        "xaxis": axis(cost_title) | ({"type": "log"} if log_x else {"type": "linear", "rangemode": "tozero"}),
        "yaxis": axis(accuracy_title) | {"tickformat": ".1%"},
        "uirevision": f"{cost_title}/{accuracy_title}/{log_x}",
    }
    return {"data": [trace for trace in traces if trace["x"]], "layout": layout}


def size_figure(measured: Sequence[tuple[int, int, int]]) -> dict[str, Any]:
    """Test accuracies with their 95 % intervals by the size of the network, along a log axis.

    `measured`: parameters, digits that are correct, and of how many.
    """
    accuracies = [correct / n for _, correct, n in measured]
    ends = [wilson(correct, n) for _, correct, n in measured]
    bars = {
        "type": "data",
        "symmetric": False,
        "array": [end.high - accuracy for end, accuracy in zip(ends, accuracies, strict=True)],
        "arrayminus": [accuracy - end.low for end, accuracy in zip(ends, accuracies, strict=True)],
    }
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "Test accuracy",
        "x": [size for size, _, _ in measured],
        "y": accuracies,
        "error_y": bars,
        "line": {"color": TEST_COLOUR, "width": 1.6},
        "marker": {"color": TEST_COLOUR, "size": 9},
        "hovertemplate": "%{x:,} parameters<br>%{y:.2%}<extra></extra>",
    }
    layout = {
        **LASTING,
        "xaxis": axis("parameters") | {"type": "log"},
        "yaxis": axis("test accuracy") | {"tickformat": ".1%"},
        "uirevision": "sizes",
    }
    return {"data": [trace], "layout": layout}


def _dots(points: Sequence[Point], places: Sequence[int], name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [points[i].cost for i in places],
        "y": [points[i].accuracy for i in places],
        "text": [label(points[i].label) for i in places],
        "hovertemplate": "%{text}<br>%{x:,.4~g}<br>%{y:.2%}<extra></extra>",
    }


def _errors(accuracies: np.ndarray) -> np.ndarray:
    return np.maximum(1 - accuracies, _SMALLEST_ERROR)


def _dash(place: int) -> str:
    """Another for each that has the same colour."""
    return DASHES[(place + place // len(SERIES_COLOURS)) % len(DASHES)]


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.22)"
