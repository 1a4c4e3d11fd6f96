"""The networks against the tutorial's formulas, written here with plain tensor operations."""

import pytest
import torch
from torch import Tensor

from mnist_core import models
from mnist_core.config import ModelName


def test_cnn_without_dropout_is_the_tutorials_formula() -> None:
    torch.manual_seed(0)
    model = models.build("cnn").eval()
    x = torch.randn(3, 1, 28, 28)
    w = model.state_dict()
    h = pool_and_relu(convolve(x, w["conv1.weight"], w["conv1.bias"]))
    h = pool_and_relu(convolve(h, w["conv2.weight"], w["conv2.bias"]))
    h = (h.reshape(3, 320) @ w["fc1.weight"].T + w["fc1.bias"]).clamp(min=0)
    logits = h @ w["fc2.weight"].T + w["fc2.bias"]
    torch.testing.assert_close(model(x), logits - logits.logsumexp(1, keepdim=True), rtol=1e-4, atol=1e-5)


def test_mlp_is_three_linear_layers_with_relu_between() -> None:
    torch.manual_seed(0)
    model = models.build("mlp").eval()
    x = torch.randn(3, 1, 28, 28)
    w = model.state_dict()
    h = (x.reshape(3, 784) @ w["fc1.weight"].T + w["fc1.bias"]).clamp(min=0)
    h = (h @ w["fc2.weight"].T + w["fc2.bias"]).clamp(min=0)
    logits = h @ w["fc3.weight"].T + w["fc3.bias"]
    torch.testing.assert_close(model(x), logits - logits.logsumexp(1, keepdim=True), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", list(models.REGISTRY))
def test_answers_are_log_probabilities(name: ModelName) -> None:
    with torch.inference_mode():
        answers = models.build(name).eval()(torch.randn(5, 1, 28, 28))
    assert answers.shape == (5, 10)
    torch.testing.assert_close(answers.exp().sum(1), torch.ones(5))


def test_cnn_drops_whole_channels_and_hidden_units_in_training_only() -> None:
    torch.manual_seed(0)
    model = models.build("cnn")
    seen: dict[str, Tensor] = {}
    for name in ("conv2_drop", "fc1_drop"):
        layer = model.get_submodule(name)
        layer.register_forward_hook(lambda _, __, output, name=name: seen.update({name: output}))
    x = torch.randn(64, 1, 28, 28)
    model.train()(x)
    channels = (seen["conv2_drop"] == 0).flatten(2).float().mean(2)  # (64, 20): share of zeros in each channel
    assert set(channels.unique().tolist()) == {0.0, 1.0}
    assert 0.4 < channels.mean() < 0.6
    model.eval()(x)
    assert not (seen["conv2_drop"] == 0).flatten(2).all(2).any()
    assert torch.equal(model(x), model(x))


def test_same_seed_builds_the_same_network() -> None:
    torch.manual_seed(7)
    first = models.build("cnn").state_dict()
    second = models.build("cnn").state_dict()
    torch.manual_seed(7)
    again = models.build("cnn").state_dict()
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
