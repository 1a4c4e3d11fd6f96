"""The networks as a person reads of them; here, so that a page need not import torch."""

from collections.abc import Callable
from typing import Literal, NamedTuple

ModelName = Literal["cnn", "mlp", "compact", "deep"]


class Size(NamedTuple):
    """How large a network is, and what it costs to train; a test counts both."""

    parameters: int
    flops: int  # floating-point operations to train on one digit, forward and backward


class Network(NamedTuple):
    """What is known of a network without building it (`models/networks.py` does that)."""

    title: str
    description: str
    parameters: int  # these two as in `Size`; of a network that has a width, at the width 1
    flops: int
    has_dropout: bool = False
    smallest_batch: int = 1  # images; batch normalisation of hidden units cannot train on one
    sizes: Callable[[float], Size] | None = None  # its size by its width; None where it has one size alone

    @property
    def has_width(self) -> bool:
        """Whether the setting `width` makes it another network; the others pass it over, as they do dropout."""
        return self.sizes is not None

    def size(self, width: float) -> Size:
        """Its size at this width."""
        return Size(self.parameters, self.flops) if self.sizes is None else self.sizes(width)


def deep_channels(width: float) -> tuple[int, int, int]:
    """Channels of the deep network's convolutions: of the first, of the next two, and of the last two."""
    first, second, third = (round(width * channels) for channels in (24, 48, 96))
    return first, second, third


def _deep_size(width: float) -> Size:
    first, second, third = deep_channels(width)
    # Weights of the 5x5 and of the 3x3 convolutions; their maps have 20x20, then 10x10, then 5x5 pixels.
    whole, half, quarter = 25 * first, 9 * second * (first + second), 9 * third * (second + third)
    norms, output = 2 * (first + 2 * second + 2 * third), 10 * third
    # A product and a sum each: forward, for the weights and, but for the first layer, for what comes in.
    flops = 2 * (2 * 400 * whole + 3 * (100 * half + 25 * quarter + output))
    return Size(whole + half + quarter + norms + output + 10, flops)


NETWORKS: dict[ModelName, Network] = {
    "cnn": Network(
        "Convolutional",
        "Two 5x5 convolutions and two linear layers: the tutorial's network.",
        21_840,
        2_595_000,
        has_dropout=True,
    ),
    "mlp": Network(
        "Three layers", "Three linear layers, 784 to 256 to 128 to 10: sees no neighbourhoods.", 235_146, 1_007_104
    ),
    "compact": Network(
        "Compact",
        "Two small convolutions with batch normalisation: quick to 99 %.",
        72_490,
        2_400_768,
        smallest_batch=2,
    ),
    "deep": Network(
        "Deep",
        "Five convolutions; averages its answers over four views of the digit.",
        157_714,
        38_290_560,
        sizes=_deep_size,
    ),
}


def named(model: ModelName, width: float) -> dict[str, ModelName | float]:
    """A network as a file names it: with its width where that makes it another network than it is at 1."""
    own_width = NETWORKS[model].has_width and width != 1
    return {"network": model} | ({"width": width} if own_width else {})
