"""The learning-rate finder: the rate rises evenly by its logarithm, and the suggestion is one that trains well."""

import itertools
import math

import pytest
import torch

from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.data.batches import batches, epoch_order
from mnist_core.data.mnist import Mnist, Split
from mnist_core.errors import DivergedError, RequestError
from mnist_core.training import rate_finder
from mnist_core.training.loop import EpochTest, Training
from mnist_core.training.rate_finder import RatePoint, find_rate

CONFIG = TrainConfig(model="mlp", momentum=0.9, threads=1, digits_per_class=200, validation_size=1000, epochs=2)


def test_the_suggested_rate_trains_better_than_much_smaller_and_much_larger_ones(digits: Mnist) -> None:
    few = Mnist(digits.train, Split(digits.test.images[:100], digits.test.labels[:100]))
    told: list[float] = []
    found = find_rate(CONFIG, few, on_progress=told.append)
    assert found.suggestion is not None and found.suggestion in settings()["learning_rate"].choices

    def reached(rate: float) -> float:
        try:
            events = list(Training(CONFIG.replace(learning_rate=rate)).run(few))
        except DivergedError:
            return 0.0
        tests = [event for event in events if isinstance(event, EpochTest)]
        assert tests[-1].validation is not None
        return tests[-1].validation.accuracy

    good = reached(found.suggestion)
    assert good > reached(found.suggestion / 100) + 0.05
    assert good > reached(min(found.suggestion * 100, 10)) + 0.05

    rates = [point.rate for point in found.points]
    steps = [math.log(after / before) for before, after in itertools.pairwise(rates)]
    assert rates[0] == rate_finder.LOWEST and max(steps) == pytest.approx(min(steps))
    assert told == sorted(told) and 0 < told[0] <= told[-1] <= 1


def test_each_update_is_made_with_its_rate(digits: Mnist) -> None:
    """Against plain PyTorch: one SGD with the rates that were told, over the same batches."""
    config = CONFIG.replace(kernels="pytorch", momentum=0.5)
    found = find_rate(config, digits, updates=50)
    training = Training(config)
    train = training.training_split(digits)
    optimizer = torch.optim.SGD(training.model.parameters(), lr=1.0, momentum=0.5)
    training.model.train()
    losses: list[float] = []
    for epoch in range(4):
        for images, labels in batches(train, epoch_order(config.seed, epoch, len(train.labels)), config.batch_size, 0):
            if len(losses) == len(found.points):
                break
            optimizer.param_groups[0]["lr"] = found.points[len(losses)].rate
            optimizer.zero_grad()
            loss = torch.nn.functional.nll_loss(training.model(images), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses == pytest.approx([point.loss for point in found.points], rel=1e-4)


def test_a_loss_that_blows_up_ends_it_and_is_no_error(digits: Mnist) -> None:
    found = find_rate(CONFIG.replace(momentum=0.99), digits)
    assert len(found.points) < rate_finder.UPDATES
    assert all(math.isfinite(point.loss) for point in found.points)


def test_where_the_loss_never_falls_nothing_is_suggested() -> None:
    flat = [RatePoint(10.0**-power, 2.3, 2.3) for power in range(5, 0, -1)]
    for points in (flat, flat[:1], []):
        found = rate_finder.read(points)
        assert found.suggestion is None and "check the other settings" in found.reason


def test_the_number_of_updates_has_bounds(digits: Mnist) -> None:
    for wrong in (49, 5001):
        with pytest.raises(RequestError, match="from 50 to 5,000"):
            find_rate(CONFIG, digits, updates=wrong)
