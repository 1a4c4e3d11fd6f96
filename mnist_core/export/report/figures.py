"""The charts of a report."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mnist_core.comparison import curves as compared
from mnist_core.config.train_config import TEST_SIZE
from mnist_core.data.corruptions import CORRUPTIONS
from mnist_core.evaluation import calibration
from mnist_core.evaluation.statistics import Interval, share, wilson
from mnist_core.export.report.chart import Axis, Series, axis, chart, log_axis
from mnist_core.export.report.facts import Facts
from mnist_core.plots.style import (
    CHANGE_COLOUR,
    DASHES,
    MARKS,
    SERIES_COLOURS,
    TEST_COLOUR,
    TRAIN_COLOUR,
    VALIDATION_COLOUR,
)
from mnist_core.plots.training import rate_changes, thin
from mnist_core.runs.logs.metrics import smooth

POINTS = 300  # of a curve: more than a printed line shows
SMOOTHING = 0.9
_SMALLEST = 1e-5  # a log axis has no zero
_SPLITS = (("test", TEST_COLOUR, "diamond"), ("validation", VALIDATION_COLOUR, "square"))


def _epochs(facts: Facts, samples: np.ndarray) -> np.ndarray:
    return samples / facts.record.config.train_size


def _epoch_axis(facts: Sequence[Facts]) -> Axis:
    ends = [_epochs(one, one.curves[name][0]) for one in facts for name in ("train_loss", "test_loss")]
    return axis("epochs", 0, max((float(end[-1]) for end in ends if len(end)), default=1.0))


def loss(facts: Facts) -> str:
    """Training loss as logged and smoothed, and the loss on test and validation digits."""
    samples, losses = facts.curves["train_loss"]
    x = _epochs(facts, samples)
    smoothed = smooth(losses, SMOOTHING)
    series = [
        Series("", *_thin(x, losses), TRAIN_COLOUR, opacity=0.3, width=1),
        Series("Training loss, smoothed", *_thin(x, smoothed), TRAIN_COLOUR),
    ]
    for split, colour, mark in _SPLITS:
        its, values = facts.curves[f"{split}_loss"]
        if len(values):
            where = _epochs(facts, its).tolist()
            series.append(Series(f"{split.capitalize()} loss", where, values.tolist(), colour, "dot", mark))
    series, y_axis = _on_log_axis("loss", series)
    return chart(series, _epoch_axis([facts]), y_axis, _loss_in_words(facts), **_changes(facts))


def accuracy(facts: Facts) -> str:
    """Accuracy on test and validation digits at each test after the first update, with 95 % intervals."""
    series = []
    sizes = {"test": TEST_SIZE, "validation": facts.record.config.validation_size}
    for split, colour, mark in _SPLITS:
        samples, values = facts.curves[f"{split}_accuracy"]
        x, values = _epochs(facts, samples)[samples > 0], values[samples > 0]
        if len(values):
            ends = [wilson(round(value * sizes[split]), sizes[split]) for value in values]
            name = f"{split.capitalize()} accuracy"
            series.append(Series(name, x.tolist(), values.tolist(), colour, "dot", mark, ends))
    return chart(
        series,
        _epoch_axis([facts]),
        _share_axis("accuracy", series),
        f"Accuracy after each epoch; at the end {share(facts.answers.accuracy, 2)} of the test digits.",
        **_changes(facts),
    )


def _changes(facts: Facts) -> dict[str, Any]:
    samples = np.array([change.samples for change in rate_changes(facts.record.config, facts.events)])
    return {"uprights": _epochs(facts, samples).tolist(), "upright_colour": CHANGE_COLOUR}


def _loss_in_words(facts: Facts) -> str:
    last = facts.curves.last("train_loss")
    return f"Training loss, at the end {last:.3g}; test loss {facts.answers.loss:.3g}." if last is not None else "Loss."


def reliability(facts: Facts) -> str:
    """How often it is right against how sure it is, with 95 % intervals; with a temperature as well, where there is."""
    right = facts.answers.predicted == facts.answers.labels
    sure = {"as given": facts.answers.confidence}
    if facts.fit:
        scaled = calibration.scale(facts.answers.log_probabilities, facts.fit.temperature)
        sure["with temperature"] = np.exp(scaled.max(1))
    series = []
    looks = ((TRAIN_COLOUR, "circle"), (TEST_COLOUR, "diamond"))
    for (name, probability), (colour, mark) in zip(sure.items(), looks, strict=False):
        bins = [one for one in calibration.bins(probability, right) if one.n]
        x, y = [one.probability for one in bins], [one.accuracy for one in bins]
        series.append(Series(name, x, y, colour, None, mark, [one.interval for one in bins]))
    shares = axis("", 0, 1, percent=True)
    words = "Share right against the probability of the answer; on the dotted line it is right as often as it says."
    return chart(
        series,
        shares._replace(title="probability of the answer"),
        shares._replace(title="share right"),
        words,
        height=300,
        diagonal=True,
    )


def robustness(facts: Facts) -> list[tuple[str, str, str]]:
    """For each kind of distortion its title, what it is, and accuracy at each strength with its 95 % interval."""
    found = []
    for kind, points in (facts.robustness or {}).items():
        what = CORRUPTIONS[kind]
        places = list(range(len(points)))
        names = ["as it is" if p.strength == what.neutral else f"{p.strength:g}".replace("-", "−") for p in points]
        ends = [point.interval for point in points]
        line = Series("", places, [p.accuracy for p in points], TRAIN_COLOUR, "solid", "circle", ends, band=True)
        x = Axis(what.axis, -0.4, len(points) - 0.6, list(zip(places, names, strict=True)))
        told = ", ".join(f"{share(p.accuracy)} at {name}" for p, name in zip(points, names, strict=True))
        svg = chart([line], x, axis("", 0, 1, percent=True), f"Accuracy: {told}.", width=400, height=190)
        found.append((what.title, what.description, svg))
    return found


def compared_curves(facts: Sequence[Facts], quantity: str) -> str:
    """One of `comparison.curves.QUANTITIES` of several runs along the epochs."""
    is_accuracy = quantity.endswith("_accuracy")
    series = []
    for place, one in enumerate(facts):
        line = compared.line(one.curves, one.entry, quantity, "epochs", SMOOTHING)
        x, y = (line.x[line.x > 0], line.y[line.x > 0]) if is_accuracy else line
        colour, dash = SERIES_COLOURS[place % len(SERIES_COLOURS)], DASHES[place % len(DASHES)]
        mark = MARKS[place % len(MARKS)] if is_accuracy else None
        series.append(Series(one.called[:40], *_thin(x, y), colour, dash, mark))
    title = quantity.replace("_", " ").replace("train ", "training ")
    drawn = [one for one in series if len(one.y)]
    told = "; ".join(f"{one.label}: at the end {one.y[-1]:.4g}" for one in drawn)
    if is_accuracy:
        y_axis = _share_axis(title, drawn)
    else:
        drawn, y_axis = _on_log_axis(f"{title}, smoothed", drawn)
    return chart(drawn, _epoch_axis(facts), y_axis, f"{title.capitalize()} along the epochs. {told}.")


def _share_axis(title: str, series: Sequence[Series]) -> Axis:
    """From a little below the lowest to a little above the highest."""
    every: list[float] = [value for one in series for value in one.y]
    every += [end for one in series for interval in one.intervals for end in Interval(*interval)]
    low, high = min(every, default=0.0), max(every, default=1.0)
    pad = 0.06 * (high - low) or 0.01
    return axis(title, max(0.0, low - pad), min(1.0, high + pad), percent=True)


def _on_log_axis(title: str, series: Sequence[Series]) -> tuple[list[Series], Axis]:
    """What is positive, as decimal logarithms: the first updates are far above all later ones."""
    every = [max(value, _SMALLEST) for one in series for value in one.y] or [1.0]
    logarithms = [one._replace(y=[math.log10(max(value, _SMALLEST)) for value in one.y]) for one in series]
    return logarithms, log_axis(title, min(every), max(every))


def _thin(x: np.ndarray, y: np.ndarray) -> tuple[list[float], list[float]]:
    x, y = thin(x, y, POINTS)
    return x.tolist(), y.tolist()
