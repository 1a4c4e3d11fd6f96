"""Backpropagation written out against autograd in double precision: every gradient, and every draw of dropout."""

import copy
from itertools import islice

import pytest
import torch
from torch import Tensor

from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import Mnist, normalise
from mnist_core.models import networks
from mnist_core.models.networks import Cnn
from mnist_core.training.kernels.gradients import Backpropagation
from mnist_core.training.loop import Step, Training, negative_log_likelihood

ROUNDING = 2e-6  # of float32, times the largest of what is compared


def close(mine: Tensor, exact: Tensor) -> bool:
    return float((mine - exact).abs().max()) <= ROUNDING * float(exact.abs().max())


def exact_gradients(
    network: Cnn, images: Tensor, labels: Tensor, smoothing: float
) -> tuple[Tensor, list[Tensor], Tensor]:
    """Loss, gradients, and the state of torch's generator: autograd in float64, with the draws that float32 makes."""
    draws: list[Tensor] = []

    def keep(name: str) -> None:
        layer = network.get_submodule(name)
        layer.register_forward_hook(lambda _, given, answer: draws.append(given[0].ne(0) & answer.ne(0)))

    wide = copy.deepcopy(network).double()
    for name in ("conv2_drop", "fc1_drop"):
        keep(name)
    with torch.no_grad():
        network(images)  # draws as a float32 network does
    state_after = torch.get_rng_state()
    for name, kept in zip(("conv2_drop", "fc1_drop"), draws, strict=True):
        factor = kept.double() / (1 - network.fc1_drop.p)
        wide.get_submodule(name).eval()
        wide.get_submodule(name).register_forward_hook(lambda _, given, __, factor=factor: given[0] * factor)
    loss = negative_log_likelihood(wide(images.double()), labels, smoothing)
    return loss.detach(), list(torch.autograd.grad(loss, list(wide.parameters()))), state_after


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("dropout", [0.0, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("n", [1, 2, 7, 64, 80, 1000])
@pytest.mark.parametrize("threads", [1, 3])
def test_gradients_of_a_batch_equal_autograds(
    digits: Mnist, n: int, dropout: float, smoothing: float, threads: int
) -> None:
    torch.manual_seed(n)
    network = networks.build("cnn", dropout).train()
    assert isinstance(network, Cnn)
    images, labels = normalise(digits.train.images[:n]), digits.train.labels[:n]

    torch.manual_seed(3)
    expected_loss, expected, state_after = exact_gradients(copy.deepcopy(network), images, labels, smoothing)

    torch.manual_seed(3)
    loss = Backpropagation(network, threads)(images, labels, smoothing)
    assert torch.equal(torch.get_rng_state(), state_after)
    assert close(loss, expected_loss)
    for parameter, gradient in zip(network.parameters(), expected, strict=True):
        assert parameter.grad is not None and close(parameter.grad, gradient)
        assert parameter.grad.stride() == parameter.stride()


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
def test_thirty_updates_learn_what_autograd_learns(digits: Mnist, changes: dict[str, object], threads: int) -> None:
    config = TrainConfig.parse({"epochs": 2, "batch_size": 96, "threads": threads, **changes})

    def thirty(by_autograd: bool) -> tuple[Training, Tensor]:  # 20 batches, one of 80, and 9 more
        run = Training(config)
        if by_autograd:
            run.backpropagate = None
        losses = [event.loss for event in islice(run.run(digits), 32) if isinstance(event, Step)]
        return run, torch.stack(losses)[:30]

    mine, my_losses = thirty(by_autograd=False)
    again, same_losses = thirty(by_autograd=False)
    other, losses = thirty(by_autograd=True)
    assert torch.equal(my_losses, same_losses)
    torch.testing.assert_close(my_losses, losses, rtol=1e-3, atol=1e-4)
    for ours, same, theirs in zip(*(run.model.parameters() for run in (mine, again, other)), strict=True):
        assert torch.equal(ours, same)
        assert (ours - theirs).norm() <= 0.01 * theirs.norm()


@pytest.mark.parametrize(
    ("changes", "written_out"),
    [({}, True), ({"precision": "bfloat16"}, False), ({"model": "mlp"}, False)],
    ids=str,
)
def test_used_where_it_applies(digits: Mnist, changes: dict[str, object], written_out: bool) -> None:
    run = Training(TrainConfig.parse({"threads": 1, "batch_size": 100, **changes}))
    answers: list[Tensor] = []
    run.model.register_forward_hook(lambda _, __, answer: answers.append(answer))
    next(run.run(digits))
    assert bool(answers) != written_out  # autograd has the network answer; written out it does not
