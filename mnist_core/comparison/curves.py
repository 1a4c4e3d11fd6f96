"""Curves of several runs on one axis, and those of the same settings as a mean with its range."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from mnist_core.comparison.entry import Entry
from mnist_core.config.train_config import TrainConfig
from mnist_core.runs.logs.metrics import Curves, smooth

Axis = Literal["digits", "epochs", "seconds"]
QUANTITIES = ("train_loss", "test_loss", "validation_accuracy", "test_accuracy", "learning_rate")
POINTS = 400  # of a band


class Line(NamedTuple):
    """One run's curve: `x` on the axis, ascending, and `y`, (n,) each."""

    x: np.ndarray
    y: np.ndarray


class Band(NamedTuple):
    """Several runs' curves as one: mean, lowest and highest at each of `x`, (n,) each."""

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def line(curves: Curves, entry: Entry, quantity: str, axis: Axis, smoothing: float = 0.0) -> Line:
    """One of `QUANTITIES` of a run along `axis`; of the training loss, smoothed as `metrics.smooth` says."""
    samples, values = curves[quantity]
    if quantity == "train_loss":
        values = smooth(values, smoothing)
    return Line(samples * _scale(entry, axis), values)


def band(lines: Sequence[Line], points: int = POINTS) -> Band | None:
    """Mean, lowest and highest of some curves, straight between their points, where all of them have begun and none
    has ended; None where there is no such stretch.
    """
    lines = [each for each in lines if len(each.x)]
    if not lines:
        return None
    start, end = max(each.x[0] for each in lines), min(each.x[-1] for each in lines)
    if start > end:
        return None
    own = np.unique(np.concatenate([each.x for each in lines]))
    own = own[(own >= start) & (own <= end)]
    x = own if len(own) <= points else np.linspace(start, end, points)
    values = np.array([np.interp(x, each.x, each.y) for each in lines])
    return Band(x, values.mean(0), values.min(0), values.max(0))


def _scale(entry: Entry, axis: Axis) -> float:
    """What one training digit is on the axis. Seconds are of training, at the mean speed of the run."""
    if axis == "epochs":
        return 1 / TrainConfig.model_construct(**entry.settings).train_size
    if axis == "seconds":
        return (entry.train_seconds or 0.0) / entry.samples_seen if entry.samples_seen else 0.0
    return 1.0
