"""A network's weights in the order and layout of Keras' layers."""

from collections.abc import Mapping
from math import isqrt

import numpy as np


def in_keras_order(state: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The arrays of a PyTorch `state_dict`, in its layers' order, for `set_weights` of the same network in Keras.

    Keras keeps channels last: kernels are (height, width, in, out) instead of (out, in, height, width), matrices
    (in, out) instead of (out, in), and what a flattened picture feeds has its rows in another order.
    """
    found: list[np.ndarray] = []
    channels: int | None = 1  # of the picture that the next matrix is fed with; None where it is no picture any more
    for layer in dict.fromkeys(name.rpartition(".")[0] for name in state):
        weight, bias = state[f"{layer}.weight"], state.get(f"{layer}.bias")
        own = [weight]
        if weight.ndim == 4:
            own, channels = [weight.transpose(2, 3, 1, 0)], len(weight)
        elif weight.ndim == 2:
            own, channels = [_rows_of_pictures(weight, channels).T if channels else weight.T], None
        if bias is not None:
            own.append(bias)
        if f"{layer}.running_mean" in state:
            own += [state[f"{layer}.running_mean"], state[f"{layer}.running_var"]]
        found += own
    return [np.ascontiguousarray(array) for array in found]


def _rows_of_pictures(weight: np.ndarray, channels: int) -> np.ndarray:
    """(out, channels * side * side) from channels first to channels last."""
    side = isqrt(weight.shape[1] // channels)
    pictures = weight.reshape(len(weight), channels, side, side)
    return pictures.transpose(0, 2, 3, 1).reshape(len(weight), -1)
