"""The layers with weights of a network: how their weights are to be drawn, and what each makes of digits."""

import copy
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_core.data.mnist import normalise

if TYPE_CHECKING:
    import torch

_BATCH = 500


class Layer(NamedTuple):
    """A convolution or a linear layer, its weights seen as one kernel for each channel or unit."""

    name: str  # as in the network's `named_modules`, for example "conv1"
    title: str  # "Convolution 1", "Linear layer 2"
    unit: str  # what it has many of: "channel" or "unit"
    units: int  # so many
    planes: int  # of each kernel: one for each channel that it looks at, or 1 where its inputs are no pictures
    height: int  # of a plane
    width: int

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of its weights as kernels: (units, planes, height, width)."""
        return self.units, self.planes, self.height, self.width


def layers_of(model: "torch.nn.Module") -> list[Layer]:
    """The convolutions and linear layers, in the order of the network.

    A linear layer behind a convolution, or behind the image itself, looks at pictures: its weights are planes again.
    """
    from torch import nn

    found = []
    channels = 1  # of what the next layer looks at; 0: no pictures any more
    numbers = {"Convolution": 0, "Linear layer": 0}
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            kind, unit, units = "Convolution", "channel", module.out_channels
            planes, height, width = channels, *module.kernel_size
            channels = units
        elif isinstance(module, nn.Linear):
            kind, unit, units = "Linear layer", "unit", module.out_features
            side = math.isqrt(module.in_features // channels) if channels else 0
            is_picture = side > 1 and channels * side * side == module.in_features
            planes, height, width = (channels, side, side) if is_picture else (1, 1, module.in_features)
            channels = 0
        else:
            continue
        numbers[kind] += 1
        found.append(Layer(name, f"{kind} {numbers[kind]}", unit, units, planes, int(height), int(width)))
    return found


def each_layers_answers(
    model: "torch.nn.Module",
    images: np.ndarray,
    take: "Callable[[int, torch.Tensor], None]",
    report: Callable[[float], None] = lambda share: None,
) -> None:
    """Show `images`, uint8 (n, 28, 28), to the network; `take` gets each layer's place and answer, batch by batch.

    The answer, float32 (batch, units) or (batch, units, height, width), is what goes into the ReLU (of the last layer:
    into the softmax), so behind batch normalisation where there is one. It must not be kept: it may change in place.
    A network that looks several times (`deep`) looks once, at the digit as it is. `model` is left as it is.
    """
    import torch

    watched = copy.deepcopy(model)  # another session may be asking the same network
    look = getattr(watched, "single_view", watched)
    for place, module in enumerate(_before_relu(watched)):
        module.register_forward_hook(lambda _module, _inputs, output, place=place: take(place, output))
    with torch.inference_mode():
        for start in range(0, len(images), _BATCH):
            look(normalise(torch.tensor(images[start : start + _BATCH])))
            report(min((start + _BATCH) / len(images), 1.0))


def _before_relu(model: "torch.nn.Module") -> "Iterator[torch.nn.Module]":
    """Of each layer the module whose output it is: its batch normalisation, or else itself."""
    from torch import nn

    last: nn.Module | None = None
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            if last is not None:
                yield last
            last = module
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            last = module
    if last is not None:
        yield last
