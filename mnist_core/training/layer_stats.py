"""What happens in each layer at an update: its gradient, how far its weights move, how many units are dead.

Measured on demand, at the updates that are logged: a copy of the network answers the batch once more, so
that nothing changes, and it costs nothing while it is off.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from mnist_core.training.loop import Training

_RELUS = {torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_, nn.functional.relu}


class LayerWatch:
    """Set a training's `observed` to `observe`; `found` then holds, by layer, what the last logged update did.

    `gradient_norm`: Euclidean, over the layer's weights and biases. `update_ratio`: the norm of what the update added
    to its weights, over the norm of the weights before; about 0.001 is healthy (A. Karpathy, CS231n, "Babysitting the
    learning process"). `dead_share`, for layers whose output goes through a ReLU: the share (0 to 1) of its units that
    are 0 for every digit of the batch; a convolution's unit is a channel, dead where it is 0 everywhere.
    """

    def __init__(self, training: Training) -> None:
        self.training = training
        self.layers = {
            name: layer for name, layer in training.model.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)
        }
        self.found: dict[str, dict[str, float]] = {}

    @contextmanager
    def observe(self, images: Tensor) -> Iterator[None]:
        """Around one update on `images`: measures it if it is one that is logged."""
        if self.training.batch % self.training.config.log_interval:
            yield
            return
        before = copy.deepcopy(self.training.model)
        with torch.random.fork_rng([self.training.device] if self.training.device.type == "cuda" else []):
            dead = _dead_units(before, list(self.layers), images)  # with the dropout that the update will draw
        yield
        self.found = {
            name: self._measure(layer, before.get_parameter(f"{name}.weight")) for name, layer in self.layers.items()
        }
        for name, share in dead.items():
            self.found[name]["dead_share"] = share

    def _measure(self, layer: nn.Module, before: Tensor) -> dict[str, float]:
        gradients = [p.grad for p in layer.parameters() if p.grad is not None]
        moved = layer.get_parameter("weight").detach() - before
        return {
            "gradient_norm": torch.nn.utils.get_total_norm(gradients).item(),
            "update_ratio": (moved.norm() / before.norm()).item(),
        }


def _dead_units(network: nn.Module, layers: Sequence[str], images: Tensor) -> dict[str, float]:
    """The share of dead units behind each of the layers that a ReLU follows, when the network answers `images`.

    Networks call ReLU as a module or as a function, behind normalisation or pooling: so calls are observed, and each is
    counted to the layer that answered last.
    """
    dead: dict[str, float] = {}
    last: list[str] = []

    class Observe(TorchFunctionMode):
        def __torch_function__(
            self, function: Callable[..., Any], types: Any, arguments: Any = (), named: Any = None
        ) -> Any:
            output = function(*arguments, **(named or {}))
            if function in _RELUS and last:
                n, units = output.shape[:2]
                dead[last[-1]] = (output == 0).reshape(n, units, -1).all(2).all(0).float().mean().item()
            return output

    for name in layers:
        network.get_submodule(name).register_forward_hook(lambda *_, name=name: last.append(name))
    with torch.no_grad(), Observe():
        network(images)
    return dead
