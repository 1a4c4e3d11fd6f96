"""What each convolution of a network makes of a digit."""

import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_core.data.mnist import normalise

if TYPE_CHECKING:
    import torch


class Layer(NamedTuple):
    """One convolution's answer to one digit."""

    name: str  # as in the network's `named_modules`, for example "conv1"
    kernel: int  # pixels a side of the patch that each value looks at
    maps: np.ndarray  # float32 (channels, height, width), before normalisation and activation


def feature_maps(model: "torch.nn.Module", image: np.ndarray) -> list[Layer]:
    """The outputs of all convolutions for `image`, uint8 (28, 28), in the order they are computed.

    None for a network without convolutions. `model` is set to answer (`inference.load_network`), and is left as it is.
    """
    import torch

    watched = copy.deepcopy(model)  # another session may be asking the same network
    run_once = getattr(watched, "single_view", watched)  # `Deep` averages over turned views; here the digit as it is
    found: list[Layer] = []

    def watch(name: str, layer: "torch.nn.Conv2d") -> None:
        def keep(_module: object, _inputs: object, output: "torch.Tensor") -> None:
            found.append(Layer(name, layer.kernel_size[0], output[0].float().numpy().copy()))

        layer.register_forward_hook(keep)

    for name, layer in watched.named_modules():
        if isinstance(layer, torch.nn.Conv2d):
            watch(name, layer)
    with torch.inference_mode():
        run_once(normalise(torch.tensor(image[None])))
    return found


def grid(maps: np.ndarray, columns: int = 12) -> np.ndarray:
    """All `maps`, float (channels, height, width), side by side in one picture, uint8, a pixel of 0 between them.

    Each is stretched from its own lowest value (0) to its own highest (255); one that is the same everywhere is 0.
    """
    count, height, width = maps.shape
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    shown = np.round(255 * (maps - low) / np.maximum(high - low, 1e-12)).astype(np.uint8)
    rows = -(-count // columns)
    picture = np.zeros((rows * (height + 1) - 1, min(columns, count) * (width + 1) - 1), np.uint8)
    for place, one in enumerate(shown):
        top, left = place // columns * (height + 1), place % columns * (width + 1)
        picture[top : top + height, left : left + width] = one
    return picture
