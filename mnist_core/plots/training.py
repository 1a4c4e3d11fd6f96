"""A run's curves -> plotly figures as plain JSON: loss, accuracy, learning rate, layers. No Streamlit here.

Margins, the axis of samples and what may be fixed are fixed, so that nothing moves while points arrive; a trace holds
at most `MAX_POINTS`, however long the run.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mnist_core.config.train_config import TrainConfig
from mnist_core.plots.style import CHANGE_COLOUR, LASTING, TEST_COLOUR, TRAIN_COLOUR, VALIDATION_COLOUR, axis
from mnist_core.runs.logs.events import rates_in_words
from mnist_core.runs.logs.metrics import Best, Curves, smooth

_LAYER_COLOURS = ("#2F86C9", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_DASHES = ("solid", "dash", "dot")
MAX_POINTS = 1000  # of a trace: about one a pixel

ACCURACY_SCALES = {"All": (0.0, 1.02), "Above 90 %": (0.9, 1.002), "Above 99 %": (0.99, 1.0002)}
ERROR_RATE = "Error rate, log"  # the share of wrong answers: shows the difference between 99.5 and 99.7 %
LAYER_QUANTITIES = {
    "gradient_norm": "Gradient norm",
    "update_ratio": "Update to weight",
    "dead_share": "Dead units",
}


class Change(NamedTuple):
    """A rate that somebody changed while the run trained."""

    samples: int
    words: str  # for example "learning rate 0.01 to 0.003, step 512"


class Frame(NamedTuple):
    """What all figures of a run share."""

    total_samples: int  # of the whole training
    revision: str  # a zoom is kept while it stays the same
    changes: Sequence[Change] = ()


def rate_changes(config: TrainConfig, events: Iterable[Mapping[str, Any]]) -> list[Change]:
    """The rates that were changed in flight, each where it stands on the axis of digits seen."""
    changes = []
    for event in events:
        if event.get("event") == "rates":
            epochs, batches = divmod(event["step"], config.steps_per_epoch)
            samples = epochs * config.train_size + batches * config.batch_size
            changes.append(Change(samples, f"{rates_in_words(event)}, step {event['step']:,}"))
    return changes


def loss_figure(curves: Curves, frame: Frame, smoothing: float = 0.0, log: bool = False) -> dict[str, Any]:
    """Training loss as logged (faint) and smoothed, and the loss on the test and the validation digits as marks."""
    seen, losses = curves["train_loss"]
    raw = _line(*thin(seen, losses), "Training loss", TRAIN_COLOUR, "training loss %{y:.4f}")
    traces = [raw]
    if smoothing:
        raw |= {"opacity": 0.35, "showlegend": False}
        smoothed = thin(seen, smooth(losses, smoothing))
        traces.append(_line(*smoothed, "Training loss, smoothed", TRAIN_COLOUR, "smoothed %{y:.4f}", width=2.2))
    traces += _tests(curves, "loss", "%{y:.4f}")
    figure = _figure(traces, curves, frame, "loss", "Loss", "log" if log else "")
    figure["layout"]["yaxis"] |= {"type": "log", "dtick": "D2"} if log else {"type": "linear", "rangemode": "tozero"}
    return figure


def accuracy_figure(curves: Curves, frame: Frame, scale: str = "All") -> dict[str, Any]:
    """Accuracy on the test and the validation digits, one mark a test, on a `scale` of `ACCURACY_SCALES`.

    `ERROR_RATE` draws the error rate on a log axis instead.
    """
    is_error = scale == ERROR_RATE
    traces = _tests(curves, "accuracy", "%{customdata:.2%}", lines=True)
    for trace in traces:
        trace["customdata"] = trace["y"]
        if is_error:
            trace["y"] = [max(1 - accuracy, 1e-5) for accuracy in trace["y"]]
    figure = _figure(traces, curves, frame, "accuracy", "Error rate" if is_error else "Accuracy", scale)
    scaled = figure["layout"]["yaxis"]
    if is_error:
        scaled |= {"type": "log", "range": [-3, 0.02], "tickvals": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]}
        scaled |= {"ticktext": ["0.1 %", "0.3 %", "1 %", "3 %", "10 %", "30 %", "100 %"]}
    else:
        tickformat = ".0%" if scale == "All" else ".1%"
        scaled |= {"type": "linear", "range": list(ACCURACY_SCALES[scale]), "tickformat": tickformat}
    return figure


def rate_figure(curves: Curves, frame: Frame) -> dict[str, Any]:
    """The learning rate of each logged update, and below it the momentum."""
    rate = _line(*thin(*curves["learning_rate"]), "Learning rate", TRAIN_COLOUR, "learning rate %{y:.3g}", width=2.2)
    momentum = _line(*thin(*curves["momentum"]), "Momentum", TEST_COLOUR, "momentum %{y:.3g}", width=2.2)
    momentum |= {"yaxis": "y3", "line": momentum["line"] | {"dash": "dash"}}
    figure = _figure([rate, momentum], curves, frame, "rate", "Learning rate")
    figure["layout"]["yaxis"] |= {"type": "linear", "rangemode": "tozero", "domain": [0.36, 1], "tickformat": ".2~g"}
    figure["layout"]["yaxis3"] = axis("Momentum") | {"domain": [0, 0.26], "range": [0, 1.02], "anchor": "x"}
    return figure


def layers_figure(curves: Curves, frame: Frame, quantity: str = "gradient_norm") -> dict[str, Any]:
    """One of `LAYER_QUANTITIES` for each layer that is watched."""
    hover = "%{y:.1%}" if quantity == "dead_share" else "%{y:.3g}"
    traces = []
    for i, layer in enumerate(curves.layers(quantity)):
        colour, dash = _LAYER_COLOURS[i % len(_LAYER_COLOURS)], _DASHES[i // 2 % len(_DASHES)]
        seen, values = curves[f"layers/{layer}/{quantity}"]
        if quantity != "dead_share":
            values = np.maximum(values, 1e-12)  # a log axis has no zero
        trace = _line(*thin(seen, values), layer, colour, f"{layer} {hover}", width=1.6)
        traces.append(trace | {"line": trace["line"] | {"dash": dash}})
    figure = _figure(traces, curves, frame, quantity, LAYER_QUANTITIES[quantity])
    if quantity == "dead_share":
        figure["layout"]["yaxis"] |= {"type": "linear", "range": [0, 1.02], "tickformat": ".0%"}
    else:
        figure["layout"]["yaxis"] |= {"type": "log", "exponentformat": "power", "dtick": 1}
    return figure


def thin(x: np.ndarray, y: np.ndarray, points: int = MAX_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """At most `points` of a curve that keep its shape: first, last, and each stretch's lowest and highest point.

    `x` and `y` are (n,), x ascending. The newest point is always there.
    """
    if len(x) <= points:
        return x, y
    edges = np.linspace(0, len(y), points // 2, dtype=int)[:-1]  # one stretch less, for the first and last point
    lengths = np.diff(np.append(edges, len(y)))
    kept = {0, len(y) - 1}
    for start, length in zip(edges, lengths, strict=True):
        stretch = y[start : start + length]
        kept |= {int(start + stretch.argmin()), int(start + stretch.argmax())}
    indices = np.array(sorted(kept))
    return x[indices], y[indices]


def best_in_words(best: Best) -> str:
    """What the mark of the best epoch says."""
    if best.split == "validation":
        return f"Best epoch: {best.epoch}, by validation"
    return f"Highest test accuracy: epoch {best.epoch} (not to choose by)"


def _line(x: np.ndarray, y: np.ndarray, name: str, colour: str, hover: str, width: float = 1.3) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(x) > 1 else "markers",  # a line of one point is not seen
        "name": name,
        "x": x.tolist(),
        "y": y.tolist(),
        "line": {"color": colour, "width": width},
        "hovertemplate": "%{x:,} digits<br>" + hover + "<extra></extra>",
    }


def _tests(curves: Curves, what: str, hover: str, lines: bool = False) -> list[dict[str, Any]]:
    """A mark at each test: diamonds for the test digits, squares for the validation digits where there are any."""
    traces = []
    looks = (("test", TEST_COLOUR, "diamond"), ("validation", VALIDATION_COLOUR, "square"))
    for split, colour, symbol in looks:
        seen, values = curves[f"{split}_{what}"]
        if split == "validation" and not len(values):
            continue
        name = f"{split.capitalize()} {what}"
        trace = _line(seen, values, name, colour, f"{split} {what} {hover}")
        mode = "lines+markers" if lines else "markers"
        traces.append(trace | {"mode": mode, "marker": {"color": colour, "size": 9, "symbol": symbol}})
        traces[-1]["line"] |= {"dash": "dot"}
    return traces


def _figure(
    traces: list[dict[str, Any]], curves: Curves, frame: Frame, view: str, title: str, scale: str = ""
) -> dict[str, Any]:
    """The traces with the best epoch and the changes of rates marked, in a layout that stays where it is."""
    layout = _layout(title, frame, view + scale)
    best = curves.best()
    if best is not None and best.epoch and view in ("loss", "accuracy"):
        traces.append(_best_mark(traces, best))
    if frame.changes:
        traces.append(_change_marks(frame.changes))
        layout["shapes"] = [_upright(change.samples) for change in frame.changes]
    return {"data": traces, "layout": layout}


def _best_mark(traces: list[dict[str, Any]], best: Best) -> dict[str, Any]:
    """A ring around the best epoch's mark."""
    of = next(trace for trace in traces if trace["name"].lower().startswith(best.split))
    return {
        "type": "scatter",
        "mode": "markers",
        "name": best_in_words(best),
        "x": [of["x"][best.epoch]],
        "y": [of["y"][best.epoch]],
        "marker": {"color": of["line"]["color"], "size": 18, "symbol": "circle-open", "line": {"width": 2}},
        "hoverinfo": "skip",
    }


def _change_marks(changes: Sequence[Change]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Rate changed",
        "x": [change.samples for change in changes],
        "y": [0.985] * len(changes),
        "yaxis": "y2",  # 0 to 1 over the height of the plot, whatever the curve's own axis
        "text": [change.words for change in changes],
        "marker": {"color": CHANGE_COLOUR, "size": 11, "symbol": "triangle-down"},
        "hovertemplate": "%{x:,} digits<br>%{text}<extra></extra>",
    }


def _upright(samples: int) -> dict[str, Any]:
    line = {"color": CHANGE_COLOUR, "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": samples, "x1": samples, "y0": 0, "y1": 1, "line": line}


def _layout(title: str, frame: Frame, view: str) -> dict[str, Any]:
    total = frame.total_samples
    return {
        "xaxis": {
            "title": {"text": "training digits seen"},
            "range": [-0.02 * total, 1.02 * total],
            "tickformat": "~s",
            "zeroline": False,
            "automargin": False,
        },
        "yaxis": axis(title),
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        **LASTING,
        "uirevision": f"{frame.revision}/{view}",
    }
