"""The networks against the tutorial's formulas, written here with plain tensor operations."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from mnist_core.config.networks import NETWORKS, ModelName
from mnist_core.data.mnist import Mnist, normalise
from mnist_core.models import networks
from mnist_core.models.networks import REGISTRY, Deep


def test_cnn_without_dropout_is_the_tutorials_formula() -> None:
    torch.manual_seed(0)
    model = networks.build("cnn").eval()
    x = torch.randn(3, 1, 28, 28)
    w = model.state_dict()
    h = pool_and_relu(convolve(x, w["conv1.weight"], w["conv1.bias"]))
    h = pool_and_relu(convolve(h, w["conv2.weight"], w["conv2.bias"]))
    h = (h.reshape(3, 320) @ w["fc1.weight"].T + w["fc1.bias"]).clamp(min=0)
    logits = h @ w["fc2.weight"].T + w["fc2.bias"]
    torch.testing.assert_close(model(x), logits - logits.logsumexp(1, keepdim=True), rtol=1e-4, atol=1e-5)


def test_mlp_is_three_linear_layers_with_relu_between() -> None:
    torch.manual_seed(0)
    model = networks.build("mlp").eval()
    x = torch.randn(3, 1, 28, 28)
    w = model.state_dict()
    h = (x.reshape(3, 784) @ w["fc1.weight"].T + w["fc1.bias"]).clamp(min=0)
    h = (h @ w["fc2.weight"].T + w["fc2.bias"]).clamp(min=0)
    logits = h @ w["fc3.weight"].T + w["fc3.bias"]
    torch.testing.assert_close(model(x), logits - logits.logsumexp(1, keepdim=True), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", list(REGISTRY))
def test_answers_are_log_probabilities(name: ModelName) -> None:
    with torch.inference_mode():
        answers = networks.build(name).eval()(torch.randn(5, 1, 28, 28))
    assert answers.shape == (5, 10)
    torch.testing.assert_close(answers.exp().sum(1), torch.ones(5))


def test_cnn_drops_whole_channels_in_training_only() -> None:
    torch.manual_seed(0)
    model = networks.build("cnn")
    kept: list[Tensor] = []
    layer = model.get_submodule("conv2_drop")
    layer.register_forward_hook(lambda _, inputs, output: kept.append((output == 2 * inputs[0]).flatten(2)))
    x = torch.randn(64, 1, 28, 28)
    model.train()(x)
    share = kept[0].all(2).float()  # (64, 20): 1 where a channel is kept, at twice its size
    assert 0.4 < share.mean() < 0.6
    model.eval()
    assert torch.equal(model(x), model(x))


@pytest.mark.parametrize("dropout", [0.0, 0.2, 0.9])
def test_cnn_drops_as_much_as_it_is_told(dropout: float) -> None:
    torch.manual_seed(0)
    model = networks.build("cnn", dropout).train()
    dropped: dict[str, Tensor] = {}
    for name in ("conv2_drop", "fc1_drop"):
        model.get_submodule(name).register_forward_hook(
            lambda _, inputs, output, name=name: dropped.update({name: (output == 0)[inputs[0] != 0].float().mean()})
        )
    x = torch.randn(256, 1, 28, 28)
    first = model(x)
    assert {name: share.item() for name, share in dropped.items()} == pytest.approx(
        {"conv2_drop": dropout, "fc1_drop": dropout}, abs=0.03
    )
    assert torch.equal(first, model(x)) == (dropout == 0)


def test_cnn_trains_as_the_tutorials_order_of_layers_does_to_the_bit() -> None:
    """The tutorial drops channels before it pools; `Cnn` after, where there is less to multiply."""
    torch.manual_seed(0)
    model = networks.build("cnn").train()
    x = torch.randn(64, 1, 28, 28)

    def tutorial(x: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(model.conv1(x), 2))  # type: ignore[operator]
        x = F.relu(F.max_pool2d(F.dropout2d(model.conv2(x)), 2))  # type: ignore[operator]
        x = F.dropout(F.relu(model.fc1(x.flatten(1))))  # type: ignore[operator]
        return F.log_softmax(model.fc2(x), dim=1)  # type: ignore[operator]

    outcomes = []
    for forward in (model, tutorial):
        model.zero_grad()
        torch.manual_seed(5)
        output = forward(x)
        F.nll_loss(output, torch.arange(64) % 10).backward()
        outcomes.append([output, *(p.grad for p in model.parameters())])
    for ours, theirs in zip(*outcomes, strict=True):
        assert torch.equal(ours, theirs)


def test_same_seed_builds_the_same_network() -> None:
    torch.manual_seed(7)
    first = networks.build("cnn").state_dict()
    second = networks.build("cnn").state_dict()
    torch.manual_seed(7)
    again = networks.build("cnn").state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["fc1.weight"], second["fc1.weight"])


def convolve(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A 5x5 convolution as a sum over patches: (n, c, h, w) -> (n, out, h - 4, w - 4)."""
    patches = x.unfold(2, 5, 1).unfold(3, 5, 1)
    return torch.einsum("nchwij,ocij->nohw", patches, weight) + bias[:, None, None]


def pool_and_relu(x: Tensor) -> Tensor:
    """The largest of each 2x2 block, negative ones cut to 0."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).amax((3, 5)).clamp(min=0)


def test_deep_averages_the_probabilities_over_its_views(digits: Mnist) -> None:
    torch.manual_seed(0)
    model = Deep()
    images = normalise(digits.test.images[:40])
    model.train()(images)  # gives batch normalisation something to go by
    model.eval()
    turned = [rotate_and_scale(digits.test.images[:40], angle, scale) for angle in (-6, 6) for scale in (0.93, 1.07)]
    with torch.inference_mode():
        expected = torch.stack([model.single_view(normalise(view)).exp() for view in turned]).mean(0)
        found, plain = model(images).exp(), model.single_view(images).exp()
    # Pillow rounds to whole grey levels, so not to the bit; but far closer than the answers to the digits as they are.
    assert (found - expected).abs().max() < (plain - expected).abs().max() / 20


def rotate_and_scale(images: Tensor, degrees: float, scale: float) -> Tensor:
    """By Pillow, an independent resampler: about the middle, (14, 14) in pixels' edges."""
    cos, sin = math.cos(math.radians(degrees)) / scale, math.sin(math.radians(degrees)) / scale
    matrix = (cos, -sin, 14 - 14 * cos + 14 * sin, sin, cos, 14 - 14 * sin - 14 * cos)
    views = [
        np.asarray(
            Image.fromarray(image).transform((28, 28), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
        )
        for image in images.numpy()
    ]
    return torch.from_numpy(np.stack(views))


@pytest.mark.parametrize("name", NETWORKS)
def test_operations_of_a_digit_are_as_stated(name: ModelName) -> None:
    """Counted by torch itself, forward and backward; no gradient is computed for the image."""
    model = networks.build(name).train()
    with FlopCounterMode(display=False) as counter:
        F.nll_loss(model(torch.randn(64, 1, 28, 28)), torch.zeros(64, dtype=torch.long)).backward()
    assert counter.get_total_flops() / 64 == NETWORKS[name].flops
