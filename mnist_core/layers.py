"""What happens in each layer at an update: its gradient, how far its weights move, how many units are dead.

Measured on demand, at the updates that are logged: it reads what an update computes anyway, changes nothing, and costs
nothing while it is off.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from mnist_core.training import Training

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
    def observe(self) -> Iterator[None]:
        """Around one update: measures it if it is one that is logged."""
        if self.training.batch % self.training.config.log_interval:
            yield
            return
        before = {name: layer.weight.detach().clone() for name, layer in self.layers.items()}
        with _dead_units(self.layers) as dead:
            yield
        self.found = {name: self._measure(layer, before[name]) for name, layer in self.layers.items()}
        for name, share in dead.items():
            self.found[name]["dead_share"] = share.item()

    def _measure(self, layer: nn.Module, before: Tensor) -> dict[str, float]:
        gradients = [p.grad for p in layer.parameters() if p.grad is not None]
        moved = layer.get_parameter("weight").detach() - before
        return {
            "gradient_norm": torch.nn.utils.get_total_norm(gradients).item(),
            "update_ratio": (moved.norm() / before.norm()).item(),
        }


@contextmanager
def _dead_units(layers: Mapping[str, nn.Module]) -> Iterator[dict[str, Tensor]]:
    """The share of dead units behind each layer that a ReLU follows, filled in while the network answers.

    Networks call ReLU as a module or as a function, behind normalisation or pooling: so calls are observed, and each is
    counted to the layer that answered last.
    """
    dead: dict[str, Tensor] = {}
    last: list[str] = []

    class Observe(TorchFunctionMode):
        def __torch_function__(
            self, function: Callable[..., Any], types: Any, arguments: Any = (), named: Any = None
        ) -> Any:
            output = function(*arguments, **(named or {}))
            if function in _RELUS and last:
                n, units = output.shape[:2]
                dead[last[-1]] = (output.detach() == 0).reshape(n, units, -1).all(2).all(0).float().mean()
            return output

    handles = [layer.register_forward_hook(lambda *_, name=name: last.append(name)) for name, layer in layers.items()]
    try:
        with Observe():
            yield dead
    finally:
        for handle in handles:
            handle.remove()
