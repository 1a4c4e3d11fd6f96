"""The networks as a person reads of them; here, so that a page need not import torch."""

from typing import Literal, NamedTuple

ModelName = Literal["cnn", "mlp", "compact", "deep"]


class Network(NamedTuple):
    """What is known of a network without building it (`models/networks.py` does that)."""

    title: str
    description: str
    parameters: int  # a test counts them
    flops: int  # floating-point operations to train on one digit, forward and backward; a test counts them
    has_dropout: bool = False
    smallest_batch: int = 1  # images; batch normalisation of hidden units cannot train on one


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
        "Deep", "Five convolutions; averages its answers over four views of the digit.", 157_714, 38_290_560
    ),
}
