"""The training loop against SGD written out here: in double precision to its last digits, in float32 to rounding."""

from itertools import islice

import pytest
import torch
from torch import Tensor

from mnist_core.config.networks import ModelName
from mnist_core.config.train_config import KernelsName, TrainConfig
from mnist_core.data.batches import epoch_order
from mnist_core.data.mnist import Mnist, normalise
from mnist_core.models import networks
from mnist_core.training.loop import Step, Training

UPDATES = 6
CONFIG = TrainConfig(epochs=2, batch_size=96, threads=1, seed=3, learning_rate=0.05, momentum=0.9)
models = pytest.mark.parametrize("model", ["cnn", "mlp"])


def plain_sgd(
    digits: Mnist, config: TrainConfig, dtype: torch.dtype, shuffle: int | None = None
) -> tuple[Tensor, list[Tensor]]:
    """Losses and weights of the first updates: no optimizer, no loss function, and the same dropout by the same seed.

    `shuffle` takes the digits of each batch in another order, which changes nothing but the rounding.
    """
    torch.manual_seed(config.seed)
    network = networks.build(config.model, config.dropout).to(dtype)
    weights: list[Tensor] = list(network.parameters())
    velocities = [torch.zeros_like(weight) for weight in weights]
    order = epoch_order(config.seed, 0, 2000)
    losses = []
    for step in range(UPDATES):
        chosen = order[step * 96 : (step + 1) * 96]
        if shuffle is not None:
            chosen = chosen[torch.randperm(96, generator=torch.Generator().manual_seed(shuffle))]
        loss = -network(normalise(digits.train.images[chosen]).to(dtype))[range(96), digits.train.labels[chosen]].mean()
        losses.append(loss.detach())
        with torch.no_grad():
            for weight, velocity, gradient in zip(weights, velocities, torch.autograd.grad(loss, weights), strict=True):
                velocity.mul_(config.momentum).add_(gradient)
                weight.sub_(config.learning_rate * velocity)
    return torch.stack(losses), weights


def distance(some: list[Tensor], others: list[Tensor]) -> Tensor:
    return torch.cat([(one - other).flatten().double() for one, other in zip(some, others, strict=True)]).norm()


def trained(run: Training, digits: Mnist) -> tuple[Tensor, list[Tensor]]:
    events = islice(run.run(digits), 1 + UPDATES)  # a test follows the first update
    losses = [event.loss.clone() for event in events if isinstance(event, Step)]
    return torch.stack(losses), list(run.model.parameters())


@models
def test_first_updates_equal_plain_sgd_in_double_precision(
    digits: Mnist, model: ModelName, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CONFIG.replace(model=model, kernels="pytorch")
    run = Training(config)
    run.model.double()
    run.untrained.double()
    update, forward = run.update, type(run.model).forward
    monkeypatch.setattr(run, "update", lambda images, labels: update(images.double(), labels))
    monkeypatch.setattr(type(run.model), "forward", lambda self, x: forward(self, x.double()))  # the tests' as well
    losses, weights = trained(run, digits)
    expected_losses, expected = plain_sgd(digits, config, torch.float64)
    torch.testing.assert_close(losses, expected_losses, rtol=1e-12, atol=0)
    for mine, theirs in zip(weights, expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("model", "kernels"), [("cnn", "auto"), ("cnn", "pytorch"), ("mlp", "pytorch")])
def test_first_updates_are_as_near_to_the_exact_ones_as_float32_comes(
    digits: Mnist, model: ModelName, kernels: KernelsName
) -> None:
    config = CONFIG.replace(model=model, kernels=kernels, dropout=0)  # its draws differ between precisions
    exact_losses, exact = plain_sgd(digits, config, torch.float64)
    start: list[Tensor] = list(Training(config).model.parameters())
    size = distance(exact, start)

    def errors(losses: Tensor, weights: list[Tensor]) -> Tensor:
        """The largest of a loss, and that of all weights, as a share of the way they went."""
        return torch.stack([((losses - exact_losses) / exact_losses).abs().max(), distance(weights, exact) / size])

    # What rounding makes of it (now and then another maximum is pooled) is measured here, on this processor.
    rounding = torch.stack([errors(*plain_sgd(digits, config, torch.float32, shuffle)) for shuffle in range(8)])
    allowed = 10 * rounding.max(0).values
    assert (allowed < 0.01).all()  # momentum that is 0.89 instead of 0.9 makes more
    assert (errors(*trained(Training(config), digits)) <= allowed).all(), (rounding, allowed)
