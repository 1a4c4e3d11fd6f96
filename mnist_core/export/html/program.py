"""What a network computes, layer by layer, as the page's engine (`static/engine/network.js`) reads it.

Batch normalisation stays a layer of its own, a number times each channel plus another: in two of the networks max
pooling lies between it and the convolution, and each layer then holds what PyTorch's holds.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.config.networks import ModelName
from mnist_core.data.mnist import MEAN, STD
from mnist_core.drawing.prepare import SIDE

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Program:
    """A network's layers and their weights.

    `described` is for JSON. A layer in it names its weights by the place where they begin in `weights`, float32 (n,):
    first those of the convolutions and linear layers, which may be rounded, `rounded` in number, then the others.
    """

    described: dict[str, Any]
    weights: np.ndarray
    rounded: int


def of_run(name: ModelName, network: "nn.Module", temperature: float | None) -> Program:
    """The program of a run's network; `temperature` is the one fitted to it, where one has been."""
    from mnist_core.models.networks import MARGIN, Deep

    modules = _modules(name, network)
    crop = MARGIN if name in ("compact", "deep") else 0
    return describe(modules, crop, Deep.VIEWS if name == "deep" else (), temperature)


def _modules(name: ModelName, network: "nn.Module") -> "list[nn.Module]":
    """The modules in the order in which they compute; what a `forward` does between them stands there as a module."""
    from torch import nn

    pool, relu = nn.MaxPool2d(2), nn.ReLU()
    parts = dict(network.named_children())
    if name == "cnn":
        return [parts["conv1"], pool, relu, parts["conv2"], pool, relu, parts["fc1"], relu, parts["fc2"]]
    if name == "mlp":
        return [parts["fc1"], relu, parts["fc2"], relu, parts["fc3"]]
    return [m for m in network.modules() if not list(m.children())]  # defined in the order of computing


def describe(
    modules: "list[nn.Module]",
    crop: int = 0,
    views: tuple[tuple[float, float], ...] = (),
    temperature: float | None = None,
) -> Program:
    """The program of `modules`, one after the other.

    `crop` pixels are cut off each side of the image first. Where there are `views` (degrees, and times), the answer is
    the mean of the probabilities over them. Raises NotImplementedError for a module that the engine has no layer for.
    """
    matrices: list[np.ndarray] = []
    vectors: list[np.ndarray] = []
    layers = [layer for module in modules if (layer := _layer(module, matrices, vectors)) is not None]
    rounded = sum(m.size for m in matrices)
    for layer in layers:
        for key in ("bias", "factor", "shift"):
            if layer.get(key) is not None:
                layer[key] += rounded
    described = {
        "side": SIDE,
        "mean": MEAN,
        "std": STD,
        "crop": crop,
        "views": [list(view) for view in views],
        "temperature": temperature,
        "layers": layers,
    }
    return Program(described, np.concatenate([part.ravel() for part in (*matrices, *vectors)]), rounded)


def _layer(module: "nn.Module", matrices: list[np.ndarray], vectors: list[np.ndarray]) -> dict[str, Any] | None:
    """The layer of a module, its weights appended; None where it changes nothing."""
    from torch import nn

    match module:
        case nn.Conv2d():
            return {
                "kind": "convolution",
                "outputs": module.out_channels,
                "kernel": _one(module.kernel_size),
                "stride": _one(module.stride),
                "padding": _one(module.padding),
                "weight": _append(matrices, module.weight),
                "bias": None if module.bias is None else _append(vectors, module.bias),
            }
        case nn.Linear():
            weight, bias = _append(matrices, module.weight), _append(vectors, module.bias)
            return {"kind": "linear", "outputs": module.out_features, "weight": weight, "bias": bias}
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            mean, variance = module.running_mean, module.running_var
            assert mean is not None and variance is not None
            factor = module.weight.double() / (variance.double() + module.eps).sqrt()
            shift = module.bias.double() - mean.double() * factor
            return {"kind": "scale", "factor": _append(vectors, factor), "shift": _append(vectors, shift)}
        case nn.MaxPool2d():
            return {"kind": "max_pool", "size": module.kernel_size}
        case nn.AdaptiveAvgPool2d():
            return {"kind": "mean_pool"}
        case nn.ReLU():
            return {"kind": "relu"}
        case nn.Flatten() | nn.Dropout() | nn.Dropout2d():
            return None
    raise NotImplementedError(f"the page's engine has no layer for {type(module).__name__}")


def _one(sizes: Any) -> int:
    """The size both ways; every kernel here is square."""
    across, down = sizes
    assert across == down
    return int(across)


def _append(arrays: list[np.ndarray], tensor: "Tensor") -> int:
    """Append the weights; returns the place where they begin."""
    start = sum(a.size for a in arrays)
    arrays.append(np.ascontiguousarray(tensor.detach().numpy().astype(np.float32)))
    return start
