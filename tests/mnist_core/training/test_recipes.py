"""Schedules, smoothed loss, averaged weights, validation digits, and exact resume for whole recipes."""

import re
from itertools import islice

import pytest
import torch
import torch.nn.functional as F

from mnist_core.config.presets import PRESETS
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import Mnist, Split, normalise
from mnist_core.errors import RequestError
from mnist_core.models.checkpoint import weights_hash
from mnist_core.training.loop import EpochTest, Step, Training
from mnist_core.training.loss import negative_log_likelihood
from mnist_core.training.optimization import learning_rate

SHORT = {"threads": 1, "batch_size": 128, "epochs": 2}


def test_one_cycle_is_pytorchs() -> None:
    config = TrainConfig(schedule="one_cycle", learning_rate=0.015, batch_size=256, epochs=2)
    total = 2 * config.steps_per_epoch
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1)
    oracle = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.015, total_steps=total, cycle_momentum=False)
    for step in range(total):
        assert learning_rate(config, step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-6, abs=1e-12)
        optimizer.step()
        if step < total - 1:
            oracle.step()


def test_cosine_is_pytorchs() -> None:
    config = TrainConfig(schedule="cosine", learning_rate=0.1, batch_size=1024, epochs=1)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    oracle = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.steps_per_epoch)
    for step in range(config.steps_per_epoch):
        assert learning_rate(config, step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-6)
        optimizer.step()
        oracle.step()


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_smoothed_loss_is_pytorchs(smoothing: float) -> None:
    logits, labels = torch.randn(50, 10, generator=torch.Generator().manual_seed(0)), torch.arange(50) % 10
    expected = F.cross_entropy(logits, labels, label_smoothing=smoothing)
    torch.testing.assert_close(negative_log_likelihood(F.log_softmax(logits, 1), labels, smoothing), expected)


def test_averaged_weights_follow_the_formula(digits: Mnist) -> None:
    training = Training(TrainConfig.parse({**SHORT, "model": "mlp", "weight_averaging": 0.9}))
    name, weight = next(iter(training.model.named_parameters()))
    expected, updates = None, 0
    for event in islice(training.run(digits), 1 + 12):
        if isinstance(event, Step):
            # The first update copies; the k-th after it keeps (1 + k) / (10 + k), at most 0.9.
            kept = 0.0 if expected is None else min(0.9, (1 + updates) / (10 + updates))
            expected = weight.detach().clone() if expected is None else kept * expected + (1 - kept) * weight.detach()
            updates += 1
    assert expected is not None
    torch.testing.assert_close(dict(training.answering.named_parameters())[name], expected)
    assert not torch.equal(expected, weight)


RECIPES = {
    "fast": {**PRESETS["fast"].values, **SHORT},
    "best": {**PRESETS["best"].values, **SHORT},
    "adam, cosine, bfloat16": {**SHORT, "optimizer": "adam", "schedule": "cosine", "precision": "bfloat16"},
}


@pytest.mark.slow
@pytest.mark.parametrize("recipe", list(RECIPES))
def test_stopped_and_resumed_is_bit_identical(recipe: str, digits: Mnist) -> None:
    config = TrainConfig.parse(RECIPES[recipe])
    whole = Training(config)
    losses = [event.loss.item() for event in whole.run(digits) if isinstance(event, Step)]
    assert all(torch.isfinite(torch.tensor(losses)))

    training, events = Training(config), 0
    for stop in (3, 5):
        for event in islice(training.run(digits), stop):
            events += isinstance(event, Step)
        state = training.state()
        torch.manual_seed(12345)  # whatever happens in between
        training = Training(config)
        training.load_state(state)
    rest = [event.loss.item() for event in training.run(digits) if isinstance(event, Step)]
    assert rest == losses[events:]
    assert weights_hash(training.model) == weights_hash(whole.model)
    assert weights_hash(training.answering) == weights_hash(whole.answering)


def test_validation_digits_are_tested_but_never_trained_on(digits: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(digits.train.labels)
    config = TrainConfig.parse({**SHORT, "epochs": 1, "model": "mlp", "validation_size": 1000})
    seen: list[bytes] = []
    training = Training(config)
    original = training.update

    def noted(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        seen.extend(image.numpy().tobytes() for image in images)
        return original(images, labels)

    monkeypatch.setattr(training, "update", noted)
    tests = [event for event in training.run(digits) if isinstance(event, EpochTest)]
    assert sorted(seen) == sorted(image.numpy().tobytes() for image in normalise(digits.train.images[: count - 1000]))
    held_out = Split(digits.train.images[-1000:], digits.train.labels[-1000:])
    expected = (
        (training.model(((held_out.images / 255 - 0.1307) / 0.3081)[:, None]).argmax(1) == held_out.labels)
        .float()
        .mean()
    )
    assert tests[-1].validation is not None
    assert tests[-1].validation.accuracy == pytest.approx(expected.item(), abs=2e-3)


def test_without_validation_digits_nothing_is_said_of_them(digits: Mnist) -> None:
    tests = [e for e in islice(Training(TrainConfig(threads=1)).run(digits), 2) if isinstance(e, EpochTest)]
    assert tests[0].validation is None


@pytest.mark.parametrize("values", [{"batch_size": 1}, {"batch_size": 2, "validation_size": 1}])
def test_a_single_digit_cannot_be_normalised(values: dict[str, int]) -> None:
    with pytest.raises(RequestError, match=r"choose \d+, 64 or 256") as refused:
        TrainConfig.parse({"model": "compact", **values})
    for better in re.findall(r"\d+", str(refused.value)):
        TrainConfig.parse({"model": "compact", **values, "batch_size": int(better)})
