"""Gradients with compiled convolutions against autograd in double precision: each one, and each draw of dropout."""

import copy
import itertools
import subprocess
import sys
from itertools import islice

import pytest
import torch
from torch import Tensor

from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import Mnist, normalise
from mnist_core.models import networks
from mnist_core.models.checkpoint import weights_hash
from mnist_core.models.networks import Cnn
from mnist_core.training.kernels import convolutions, gradients_for
from mnist_core.training.kernels.gradients import Gradients
from mnist_core.training.loop import Step, Training
from mnist_core.training.loss import negative_log_likelihood

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


@pytest.mark.parametrize(
    ("n", "dropout", "smoothing"),
    [*itertools.product([1, 7, 80], [0.0, 0.2, 0.5, 0.9], [0.0, 0.1]), (2, 0.5, 0.1), (64, 0.5, 0.0), (1000, 0.5, 0.1)],
)
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
    loss = Gradients(network, threads)(images, labels, smoothing)
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

    def thirty(kernels: str) -> tuple[Training, Tensor]:  # 20 batches, one of 80, and 9 more
        run = Training(config.replace(kernels=kernels))
        losses = [event.loss for event in islice(run.run(digits), 32) if isinstance(event, Step)]
        return run, torch.stack(losses)[:30]

    mine, my_losses = thirty("auto")
    again, same_losses = thirty("auto")
    other, losses = thirty("pytorch")
    assert torch.equal(my_losses, same_losses)
    torch.testing.assert_close(my_losses, losses, rtol=1e-3, atol=1e-4)
    for ours, same, theirs in zip(*(run.model.parameters() for run in (mine, again, other)), strict=True):
        assert torch.equal(ours, same)
        assert (ours - theirs).norm() <= 0.01 * theirs.norm()


@pytest.mark.parametrize(
    ("changes", "compiled"),
    [({}, True), ({"kernels": "pytorch"}, False), ({"precision": "bfloat16"}, False), ({"model": "mlp"}, False)],
    ids=str,
)
def test_used_where_it_applies_and_recorded(
    digits: Mnist, capfd: pytest.CaptureFixture[str], changes: dict[str, object], compiled: bool
) -> None:
    run = Training(TrainConfig.parse({"threads": 1, "batch_size": 100, **changes}))
    answered: list[object] = []
    if isinstance(run.model, Cnn):
        run.model.conv1.register_forward_hook(lambda *_: answered.append(1))
    next(run.run(digits))
    assert bool(answered) != (compiled or not isinstance(run.model, Cnn))
    assert run.versions["kernels"] == ("compiled" if compiled else "pytorch")
    assert (set(run.versions) > {"kernels", "llvmlite", "vector_width"}) == compiled
    assert capfd.readouterr().err == ""  # nothing is missed


def trains_by_autograd(digits: Mnist, run: Training) -> bool:
    """Whether it learns what plain PyTorch does, to the bit."""
    plain = Training(run.config.replace(kernels="pytorch"))
    for training in (run, plain):
        torch.manual_seed(5)
        list(islice(training.run(digits), 4))
    return run.versions["kernels"] == "pytorch" and weights_hash(run.model) == weights_hash(plain.model)


SHORT = TrainConfig(threads=1, batch_size=100)


def test_without_llvmlite_it_trains_and_says_why(
    digits: Mnist, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith(("llvmlite", "mnist_core.training.kernels."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "llvmlite", None)  # any import of it fails
    assert trains_by_autograd(digits, Training(SHORT))
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("Training with PyTorch's own convolutions, which is slower: ModuleNotFoundError: ")
    assert "llvmlite" in line


def test_where_the_compiler_fails_it_trains_and_says_why(
    digits: Mnist, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(threads: int) -> None:
        raise RuntimeError("no such processor")

    monkeypatch.setattr(convolutions, "_pool", fail)
    assert trains_by_autograd(digits, Training(SHORT))
    (line,) = capfd.readouterr().err.splitlines()
    assert line.endswith("which is slower: RuntimeError: no such processor.")


def test_network_of_another_shape_is_left_to_autograd(capfd: pytest.CaptureFixture[str]) -> None:
    network = Cnn()
    network.conv2 = torch.nn.Conv2d(10, 24, kernel_size=5)
    assert gradients_for(network, SHORT, torch.device("cpu")) is None
    assert gradients_for(Cnn().double(), SHORT, torch.device("cpu")) is None
    assert capfd.readouterr().err.count("not those they are compiled for") == 2


def test_only_the_fast_path_imports_llvmlite() -> None:
    script = """
import sys
from mnist_core.config.train_config import TrainConfig
from mnist_core.training.loop import Training
for changes in ({"kernels": "pytorch"}, {"model": "mlp"}, {"precision": "bfloat16"}):
    Training(TrainConfig.parse(changes))
assert "llvmlite" not in sys.modules
Training(TrainConfig())
assert "llvmlite" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
