"""The learning-rate finder: some hundred updates with a rate that rises from one to the next, and what the loss does.

Where the rate is too small nothing happens, then the loss falls, and where it is too large it rises again (L. Smith,
"Cyclical learning rates for training neural networks", 2017).
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.data.batches import batches, epoch_order
from mnist_core.data.mnist import Mnist
from mnist_core.errors import RequestError
from mnist_core.training.loop import Training

LOWEST, HIGHEST = 1e-5, 10.0
UPDATES = 300
BLOWN_UP = 4.0  # times the lowest smoothed loss: the rates after that say nothing more
SMOOTHING = 0.95  # of the past that each smoothed loss keeps; the bias of the beginning is corrected
SLOPE_POINTS = 10  # over so many updates the fall of the smoothed loss is measured


class RatePoint(NamedTuple):
    """One update."""

    rate: float
    loss: float  # of its batch, before it
    smoothed: float


class RateTest(NamedTuple):
    """What the updates showed."""

    points: list[RatePoint]
    suggestion: float | None  # None where the loss never fell
    reason: str  # a sentence


def find_rate(
    config: TrainConfig, data: Mnist, updates: int = UPDATES, on_progress: Callable[[float], None] = lambda share: None
) -> RateTest:
    """Train a fresh network with these settings, while the rate rises exponentially from 1e-5 to 10.

    It ends early where the loss has blown up. `on_progress` is told the share that is done, 0 to 1. The rate and the
    schedule of `config` do not matter, the momentum and the batch size do.

    Raises RequestError where `updates` is not from 50 to 5,000.
    """
    if not 50 <= updates <= 5000:
        raise RequestError(f"updates must be a whole number from 50 to 5,000; {updates} was given.")
    training = Training(config.replace(schedule="constant", learning_rate=LOWEST))
    train = training.training_split(data)
    training.model.train()
    points: list[RatePoint] = []
    mean = 0.0
    epoch = 0
    while len(points) < updates:
        order = epoch_order(config.seed, epoch, len(train.labels)).to(training.device)
        for images, labels in batches(train, order, config.batch_size, 0):
            rate = LOWEST * (HIGHEST / LOWEST) ** (len(points) / (updates - 1))
            training.set_rates(rate, config.momentum)
            loss = float(training.update(images, labels))
            training.step += 1
            if not math.isfinite(loss):
                return read(points)
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            points.append(RatePoint(rate, loss, mean / (1 - SMOOTHING ** (len(points) + 1))))
            on_progress(len(points) / updates)
            if len(points) == updates or _has_blown_up(points):
                return read(points)
        epoch += 1
    return read(points)


def _has_blown_up(points: list[RatePoint]) -> bool:
    return points[-1].smoothed > BLOWN_UP * min(point.smoothed for point in points)


def read(points: list[RatePoint]) -> RateTest:
    """The suggestion: between where the smoothed loss falls fastest and a tenth of where it is lowest."""
    if len(points) < 2:
        return RateTest(points, None, "The loss was no number from the first updates on: check the other settings.")
    begin = points[0].smoothed
    lowest = min(points, key=lambda point: point.smoothed)
    if lowest.smoothed > 0.9 * begin:
        few = f"The loss hardly fell in {len(points)} updates: make more, or check the other settings."
        return RateTest(points, None, few)
    steepest = _steepest(points)
    suggestion = nearest_choice(math.sqrt(steepest * lowest.rate / 10))
    return RateTest(
        points,
        suggestion,
        f"The loss falls fastest at {steepest:.2g}, and is lowest at {lowest.rate:.2g}, beyond which it rises. "
        f"{suggestion:g} lies between the first and a tenth of the second, both of which are rules of thumb.",
    )


def _steepest(points: list[RatePoint]) -> float:
    """The rate at which the smoothed loss falls fastest, by the rate's logarithm."""
    span = min(SLOPE_POINTS, len(points) - 1)
    falls = [points[i].smoothed - points[i + span].smoothed for i in range(len(points) - span)]
    return points[falls.index(max(falls)) + span // 2].rate


def nearest_choice(rate: float) -> float:
    """The nearest rate, by its logarithm, of those that the slider offers."""
    choices = [float(choice) for choice in settings()["learning_rate"].choices]
    return min(choices, key=lambda choice: abs(math.log(choice / rate)))
