"""A copy of a network with parts of it changed: switched off, made noisy, rounded, pruned, edited.

Every change is one of the weights, so that the changed network is saved, exported and trained on like any other.
"""

import copy
from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from mnist_core.config import changes as kinds
from mnist_core.config.changes import Change, refuse_too_many
from mnist_core.errors import RequestError


class Layer(NamedTuple):
    """A convolution or linear layer, with the batch normalisation that follows it, where one does."""

    name: str  # as in the network's `named_modules`
    module: nn.Conv2d | nn.Linear
    norm: nn.BatchNorm1d | nn.BatchNorm2d | None

    @property
    def what(self) -> Literal["channels", "units"]:
        """What its outputs are called."""
        return "channels" if isinstance(self.module, nn.Conv2d) else "units"

    @property
    def size(self) -> int:
        """How many of them it has."""
        return self.module.weight.shape[0]

    @property
    def biases(self) -> list[Tensor]:
        """What it adds: its own biases and those of its normalisation, where it has them."""
        found = [self.module.bias, None if self.norm is None else self.norm.bias]
        return [bias for bias in found if bias is not None]


def layers(model: nn.Module) -> dict[str, Layer]:
    """The layers with weights by name, in the order of the network; the last one answers."""
    found: dict[str, Layer] = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            found[name] = Layer(name, module, None)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) and found:
            before = next(reversed(found))
            found[before] = found[before]._replace(norm=module)
    return found


def find_layer(model: nn.Module, name: str) -> Layer:
    """The layer of that name. Raises RequestError, which names those there are."""
    known = layers(model)
    if name not in known:
        raise RequestError(f"There is no layer {name!r} in this network: its layers are {', '.join(known)}.")
    return known[name]


def changed(model: nn.Module, changes: Sequence[Change]) -> nn.Module:
    """A copy of `model` with these changes, made in their order, set to answer; `model` itself stays as it is.

    - Off: all that leads to the channel or unit is 0: its weights and bias, and scale and shift of the batch
      normalisation that follows. So its value after normalisation and ReLU is 0 for every picture, and it stays so
      when the network is trained on. A unit of the last layer stands for a digit, whose value before the softmax is
      then 0.
    - Noise: normal, on the weights alone; layer after layer from one generator with the seed. A standard deviation is
      taken over all of a layer's weights.
    - Round: symmetric about 0, with one scale a layer. In b bits the values are -m to m times the scale, where m is
      2^(b-1) - 1 (127, 7 and 1) and m times the scale is the largest weight's size. In 1 bit a weight keeps its sign,
      and all have the mean of their sizes (M. Rastegari and others, XNOR-Net, 2016). Biases stay as they are.
    - Prune: the share of smallest size, over the layer's weights or over those of all layers together; equals in
      their order. Biases stay.
    - DropBiases: 0 for a layer's biases, and for the shift of the batch normalisation that follows.
    - Edit: one parameter.

    Raises RequestError where a change does not fit the network, or there are too many.
    """
    refuse_too_many(changes)
    its = copy.deepcopy(model).eval()
    with torch.no_grad():
        for change in changes:
            _make(its, change)
    return its


def parameter(model: nn.Module, name: str, index: Sequence[int]) -> float:
    """One number of the network. Raises RequestError where there is none of that name and place."""
    return float(_entry(model, name, index).detach()[tuple(index)])


def _make(model: nn.Module, change: Change) -> None:
    if isinstance(change, kinds.Edit):
        _entry(model, change.parameter, change.index)[tuple(change.index)] = change.value
    elif isinstance(change, kinds.Off):
        _switch_off(find_layer(model, change.layer), change)
    else:
        chosen = list(layers(model).values()) if change.layer is None else [find_layer(model, change.layer)]
        weights = [layer.module.weight for layer in chosen]
        if isinstance(change, kinds.Noise):
            _add_noise(weights, change)
        elif isinstance(change, kinds.Round):
            for weight in weights:
                weight.copy_(_rounded(weight, change.bits))
        elif isinstance(change, kinds.Prune):
            _prune(weights, change.share)
        else:
            for bias in (bias for layer in chosen for bias in layer.biases):
                bias.zero_()


def _switch_off(layer: Layer, change: kinds.Off) -> None:
    if max(change.places) >= layer.size:
        raise RequestError(
            f"{layer.name} has {layer.size} {layer.what}, 0 to {layer.size - 1}: {max(change.places)} is none."
        )
    places = list(change.places)
    scale = [] if layer.norm is None or layer.norm.weight is None else [layer.norm.weight]
    for values in (layer.module.weight, *layer.biases, *scale):
        values[places] = 0


def _add_noise(weights: list[Tensor], change: kinds.Noise) -> None:
    drawn = torch.Generator().manual_seed(change.seed)
    for weight in weights:
        noise = torch.randn(weight.shape, generator=drawn)
        weight.add_(noise, alpha=change.amount * float(weight.double().std(correction=0)))


def _rounded(weight: Tensor, bits: int) -> Tensor:
    sizes = weight.abs()
    if bits == 1:
        return torch.where(weight < 0, -sizes.mean(), sizes.mean())
    scale = sizes.max() / (2 ** (bits - 1) - 1)
    return torch.round(weight / scale) * scale if scale > 0 else weight


def _prune(weights: list[Tensor], share: float) -> None:
    sizes = torch.cat([weight.abs().flatten() for weight in weights])
    dropped = torch.zeros_like(sizes, dtype=torch.bool)
    dropped[sizes.argsort(stable=True)[: round(share * len(sizes))]] = True
    parts = dropped.split([weight.numel() for weight in weights])
    for weight, part in zip(weights, parts, strict=True):
        weight.masked_fill_(part.view(weight.shape), 0)


def _entry(model: nn.Module, name: str, index: Sequence[int]) -> Tensor:
    """The parameter, which has such a place."""
    known = dict(model.named_parameters())
    if name not in known:
        raise RequestError(f"There is no parameter {name!r} in this network: there are {', '.join(known)}.")
    shape = tuple(known[name].shape)
    if len(index) != len(shape) or any(place >= size for place, size in zip(index, shape, strict=True)):
        raise RequestError(
            f"{name} has the shape {','.join(map(str, shape))}: "
            f"give {len(shape)} places, each from 0 and below that; {','.join(map(str, index))} was given."
        )
    return known[name]
