"""A program answered in PyTorch as the page's engine answers it, from the rounded weights: what is checked at export.

A browser to run the page in is not asked of anybody. Tests hold the engine to this.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mnist_core.data.augmentation import resample
from mnist_core.data.mnist import normalise

BATCH = 500


def log_probabilities(described: dict[str, Any], weights: np.ndarray, images: np.ndarray) -> np.ndarray:
    """The ten log-probabilities of each of `images`, uint8 (n, 28, 28): float64 (n, 10), without a temperature."""
    tensor = torch.from_numpy(weights)
    with torch.inference_mode():
        batches = [
            _answer(described, tensor, normalise(torch.tensor(images[start : start + BATCH])))
            for start in range(0, len(images), BATCH)
        ]
    return torch.cat(batches).numpy()


def _answer(described: dict[str, Any], weights: Tensor, images: Tensor) -> Tensor:
    views = [_turned(images, *view) for view in described["views"]] or [images]
    answers = torch.stack([F.log_softmax(outputs(described, weights, view).double(), 1) for view in views])
    return answers.logsumexp(0) - np.log(len(views))


def _turned(images: Tensor, degrees: float, scale: float) -> Tensor:
    along, aslant = np.cos(np.radians(degrees)) / scale, np.sin(np.radians(degrees)) / scale
    matrix = torch.tensor([[[along, -aslant, 0], [aslant, along, 0]]], dtype=torch.float32)
    grid = F.affine_grid(matrix.expand(len(images), -1, -1), list(images.shape), align_corners=False)
    return resample(images, grid)


def outputs(described: dict[str, Any], weights: Tensor, images: Tensor) -> Tensor:
    """What the last layer holds for normalised images, float32 (n, 1, 28, 28): (n, outputs)."""
    crop = described["crop"]
    x = images[..., crop : images.shape[-2] - crop, crop : images.shape[-1] - crop]
    x = x.contiguous(memory_format=torch.channels_last)  # a quarter faster, as in the networks
    for layer in described["layers"]:
        x = _LAYERS[layer["kind"]](layer, weights, x)
    return x.flatten(1)


def _slice(weights: Tensor, start: int, *shape: int) -> Tensor:
    return weights[start : start + int(np.prod(shape))].reshape(shape)


def _convolution(layer: dict[str, Any], weights: Tensor, x: Tensor) -> Tensor:
    outputs, kernel = layer["outputs"], layer["kernel"]
    weight = _slice(weights, layer["weight"], outputs, x.shape[1], kernel, kernel)
    bias = None if layer["bias"] is None else _slice(weights, layer["bias"], outputs)
    return F.conv2d(x, weight, bias, layer["stride"], layer["padding"])


def _linear(layer: dict[str, Any], weights: Tensor, x: Tensor) -> Tensor:
    x, outputs = x.flatten(1), layer["outputs"]
    return F.linear(x, _slice(weights, layer["weight"], outputs, x.shape[1]), _slice(weights, layer["bias"], outputs))


def _scale(layer: dict[str, Any], weights: Tensor, x: Tensor) -> Tensor:
    shape = (x.shape[1], *[1] * (x.dim() - 2))
    return x * _slice(weights, layer["factor"], *shape) + _slice(weights, layer["shift"], *shape)


_LAYERS: dict[str, Callable[[dict[str, Any], Tensor, Tensor], Tensor]] = {
    "convolution": _convolution,
    "linear": _linear,
    "scale": _scale,
    "relu": lambda layer, weights, x: x.relu(),
    "max_pool": lambda layer, weights, x: F.max_pool2d(x, layer["size"]),
    "mean_pool": lambda layer, weights, x: x.mean((2, 3)),
}
