"""Backpropagation written out against autograd: every gradient, every weight, every draw of dropout, to the bit."""

from contextlib import nullcontext
from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor

from mnist_core import models, training
from mnist_core.backpropagation import backpropagate
from mnist_core.checkpoint import weights_hash
from mnist_core.config import TrainConfig
from mnist_core.data import Mnist, normalise
from mnist_core.layers import LayerWatch
from mnist_core.training import Training, negative_log_likelihood


def train(config: TrainConfig, digits: Mnist, updates: int, by_autograd: bool) -> tuple[Training, list[Tensor], Tensor]:
    """The training after so many updates, their losses, and the state of torch's generator."""
    run = Training(config)
    if by_autograd:
        run.observed = lambda: nullcontext()  # an observer, though it does nothing
    losses = []
    for event in run.run(digits):
        if isinstance(event, training.Step):
            losses.append(event.loss)
            if len(losses) == updates:
                break
    return run, losses, torch.get_rng_state()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.01, "label_smoothing": 0.1, "dropout": 0.3},
        {"optimizer": "adamw", "schedule": "one_cycle", "weight_averaging": 0.9, "augmentation": "affine"},
    ],
    ids=["tutorial", "sgd", "adamw"],
)
def test_thirty_updates_end_in_the_same_weights(digits: Mnist, changes: dict[str, object], threads: int) -> None:
    config = TrainConfig.parse({"epochs": 2, "batch_size": 96, "threads": threads, **changes})
    mine, my_losses, my_draws = train(config, digits, 30, by_autograd=False)  # 20 batches, one of 80, and 9 more
    other, losses, draws = train(config, digits, 30, by_autograd=True)
    assert my_losses == losses
    assert torch.equal(my_draws, draws)
    for ours, theirs in zip(mine.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert weights_hash(mine.answering) == weights_hash(other.answering)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("dropout", [0.0, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("n", [1, 2, 7, 64, 80, 1000])
def test_gradients_of_a_batch_equal_autograds(digits: Mnist, n: int, dropout: float, smoothing: float) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(n)
    network = models.build("cnn", dropout).train()
    assert isinstance(network, models.Cnn)
    images, labels = normalise(digits.train.images[:n]), digits.train.labels[:n]

    torch.manual_seed(3)
    expected_loss = negative_log_likelihood(network(images), labels, smoothing)
    expected = torch.autograd.grad(expected_loss, list(network.parameters()))
    state_after = torch.get_rng_state()

    torch.manual_seed(3)
    loss = backpropagate(network, images, labels, smoothing)
    assert torch.equal(loss, expected_loss.detach())
    for parameter, gradient in zip(network.parameters(), expected, strict=True):
        assert parameter.grad is not None and torch.equal(parameter.grad, gradient)
        assert parameter.grad.stride() == parameter.stride()
    assert torch.equal(torch.get_rng_state(), state_after)


def test_gradients_equal_finite_differences(digits: Mnist) -> None:
    torch.manual_seed(0)
    network = models.Cnn(dropout=0.0).double()
    images, labels = normalise(digits.train.images[:3]).double(), digits.train.labels[:3]
    backpropagate(network, images, labels, 0.1)
    for parameter in network.parameters():
        assert parameter.grad is not None
        direction = torch.randn_like(parameter)
        losses = []
        for sign in (1, -1):
            with torch.no_grad():
                parameter.add_(direction, alpha=sign * 1e-6)
                losses.append(negative_log_likelihood(network(images), labels, 0.1).item())
                parameter.sub_(direction, alpha=sign * 1e-6)
        slope = (losses[0] - losses[1]) / 2e-6
        assert slope == pytest.approx((parameter.grad * direction).sum().item(), rel=1e-4, abs=1e-8)


@pytest.mark.parametrize(
    ("changes", "watched", "written_out"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"precision": "bfloat16"}, False, False),
        ({"model": "mlp"}, False, False),
    ],
    ids=str,
)
def test_used_where_it_applies(
    digits: Mnist,
    changes: dict[str, object],
    watched: bool,
    written_out: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    def counted(*given: Any) -> Tensor:
        calls.append(given)
        return backpropagate(*given)

    monkeypatch.setattr(training, "backpropagate", counted)
    run = Training(TrainConfig.parse({"threads": 1, "batch_size": 100, **changes}))
    hooked: list[str] = []
    if watched:
        run.observed = LayerWatch(run).observe
        for name, layer in run.model.named_children():
            layer.register_forward_hook(lambda *_, name=name: hooked.append(name))
    list(islice(run.run(digits), 1))  # one update, and the test of the untrained network
    assert bool(calls) == written_out
    assert hooked == (["conv1", "conv2", "conv2_drop", "fc1", "fc1_drop", "fc2"] if watched else [])
