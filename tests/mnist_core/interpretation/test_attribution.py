"""Attributions of a linear network are known exactly; of any network they sum to what they explain."""

import numpy as np
import pytest
import torch
from torch import nn

from mnist_core.config.networks import ModelName
from mnist_core.data.mnist import STD, Mnist, normalise
from mnist_core.interpretation.attribution import PATCH, attribution
from mnist_core.models import networks
from mnist_core.models.networks import REGISTRY


@pytest.fixture
def image(digits: Mnist) -> np.ndarray:
    return digits.test.images[0].numpy()


@pytest.fixture
def linear() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.LogSoftmax(1)).eval()


def shares(linear: nn.Module, image: np.ndarray, digit: int, against: int) -> np.ndarray:
    """What each pixel adds to the difference of the two logits, compared with paper."""
    weights = linear[1].weight.detach().numpy()  # type: ignore[index]
    return (weights[digit] - weights[against]).reshape(28, 28) * (image / 255 / STD)


def test_integrated_gradients_of_a_linear_network(linear: nn.Module, image: np.ndarray) -> None:
    found = attribution(linear, image, 7, against=9)
    assert found.shape == (28, 28) and found.dtype == np.float32
    np.testing.assert_allclose(found, shares(linear, image, 7, 9), atol=1e-5)
    assert (found[image == 0] == 0).all()


def test_occlusion_of_a_linear_network(linear: nn.Module, image: np.ndarray) -> None:
    each, total, patches = shares(linear, image, 7, 9), np.zeros((28, 28)), np.zeros((28, 28))
    for top in range(28 - PATCH + 1):
        for left in range(28 - PATCH + 1):
            patch = np.s_[top : top + PATCH, left : left + PATCH]
            total[patch] += each[patch].sum()
            patches[patch] += 1
    np.testing.assert_allclose(attribution(linear, image, 7, "occlusion", 9), total / patches, atol=1e-4)


@pytest.mark.parametrize("against", [None, 3])
@pytest.mark.parametrize("name", REGISTRY)
def test_the_parts_sum_to_the_whole(name: ModelName, against: int | None, image: np.ndarray) -> None:
    torch.manual_seed(0)
    model = networks.build(name).eval()
    with torch.inference_mode():
        on_digit, on_paper = model(normalise(torch.tensor(np.stack([image, np.zeros_like(image)]))))
    change = on_digit - on_paper
    expected = float(change[7] if against is None else change[7] - change[against])
    assert attribution(model, image, 7, against=against).sum() == pytest.approx(expected, abs=0.02)
