"""Feature maps against PyTorch's own convolution, and the grid against its parts."""

from typing import get_args

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mnist_core.config.networks import ModelName
from mnist_core.data.mnist import normalise
from mnist_core.interpretation.feature_maps import feature_maps, grid
from mnist_core.models import networks
from mnist_core.models.networks import Cnn

IMAGE = np.random.default_rng(1).integers(0, 256, (28, 28)).astype(np.uint8)


def test_the_tutorials_maps_are_what_its_convolutions_compute() -> None:
    torch.manual_seed(1)
    model = Cnn().eval()
    first, second = feature_maps(model, IMAGE)
    assert (first.name, first.kernel, first.maps.shape) == ("conv1", 5, (10, 24, 24))
    assert (second.name, second.kernel, second.maps.shape) == ("conv2", 5, (20, 8, 8))
    with torch.inference_mode():
        one = F.conv2d(normalise(torch.tensor(IMAGE[None])), model.conv1.weight, model.conv1.bias)
        two = F.conv2d(F.relu(F.max_pool2d(one, 2)), model.conv2.weight, model.conv2.bias)
    np.testing.assert_allclose(first.maps, one[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(second.maps, two[0].numpy(), atol=1e-5)


@pytest.mark.parametrize("name", get_args(ModelName))
def test_every_network_shows_its_convolutions_and_is_left_as_it_was(name: ModelName) -> None:
    torch.manual_seed(1)
    model = networks.build(name).eval()
    convolutions = {n: m for n, m in model.named_modules() if isinstance(m, torch.nn.Conv2d)}
    layers = feature_maps(model, IMAGE)
    assert [layer.name for layer in layers] == list(convolutions)
    for layer in layers:
        assert layer.maps.shape[0] == convolutions[layer.name].out_channels
        assert np.isfinite(layer.maps).all()
        assert layer.maps.std() > 0  # and not a buffer that a later layer has overwritten with zeros
    assert not any(module._forward_hooks for module in model.modules())


def test_deep_is_watched_at_the_digit_as_it_is() -> None:
    torch.manual_seed(1)
    model = networks.build("deep").eval()
    moved = np.roll(IMAGE, 1, 0)
    first = feature_maps(model, IMAGE)[0].maps
    np.testing.assert_allclose(feature_maps(model, moved)[0].maps[:, 1:], first[:, :-1], atol=1e-5)


def test_the_grid_holds_each_map_stretched() -> None:
    maps = np.stack([np.arange(6.0).reshape(2, 3), -2 * np.arange(6.0).reshape(2, 3), np.full((2, 3), 7.0)])
    picture = grid(maps, columns=2)
    assert picture.shape == (5, 7)
    assert picture[:2, :3].tolist() == [[0, 51, 102], [153, 204, 255]]
    assert picture[:2, 4:].tolist() == [[255, 204, 153], [102, 51, 0]]
    assert not picture[3:].any() and not picture[2].any() and not picture[:, 3].any()
