"""Which test digits excite each channel or unit most, and which least."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.data import mnist
from mnist_core.interpretation.layers import each_layers_answers, layers_of
from mnist_core.runs.analyses import Analysis
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    import torch

SHOWN = 9  # digits of each end


class Extremes(NamedTuple):
    """The digits of both ends for each unit of one layer, and how they excite it."""

    most: np.ndarray  # int (units, SHOWN), test digits, the most exciting first
    least: np.ndarray  # the same, the least exciting first
    most_values: np.ndarray  # float (units, SHOWN)
    least_values: np.ndarray


def excitement(
    model: "torch.nn.Module", images: np.ndarray, report: Callable[[float], None] = lambda share: None
) -> list[np.ndarray]:
    """How strongly each of `images`, uint8 (n, 28, 28), excites each unit: float32 (n, units) for each layer.

    A channel's excitement is its largest value anywhere on the map, before ReLU (`layers.each_layers_answers`).
    """
    found: dict[int, list[np.ndarray]] = {}

    def take(place: int, output: "torch.Tensor") -> None:
        largest = output.flatten(2).amax(2) if output.dim() > 2 else output
        found.setdefault(place, []).append(largest.float().numpy().copy())

    each_layers_answers(model, images, take, report)
    return [np.concatenate(found[place]) for place in sorted(found)]


def extremes(excited: np.ndarray, shown: int = SHOWN) -> Extremes:
    """Both ends of `excited` (n, units), `shown` of each; of equals the lower index comes first."""
    rising = np.argsort(excited, axis=0, kind="stable")[:shown].T
    falling = np.argsort(-excited, axis=0, kind="stable")[:shown].T
    units = np.arange(excited.shape[1])[:, None]
    return Extremes(falling, rising, excited[falling, units], excited[rising, units])


def _compute(run: Run, epoch: int, report: Callable[[float], None]) -> dict[str, Any]:
    from mnist_core.models.inference import load_network

    model = load_network(run, epoch)
    found = [extremes(excited) for excited in excitement(model, mnist.load_arrays("test").images, report)]
    return {
        layer.name: {
            "most": end.most.tolist(),
            "least": end.least.tolist(),
            "most_values": end.most_values.round(4).tolist(),
            "least_values": end.least_values.round(4).tolist(),
        }
        for layer, end in zip(layers_of(model), found, strict=True)
    }


def _by_layer(found: dict[str, Any]) -> dict[str, Extremes]:
    result = {}
    for name, said in found.items():
        ends = Extremes(*(np.array(said[what]) for what in Extremes._fields))
        is_there = ((ends.most >= 0) & (ends.most < TEST_SIZE)).all() and (ends.least >= 0).all()
        if not is_there or {end.shape for end in ends} != {(len(ends.most), SHOWN)} or ends.least.max() >= TEST_SIZE:
            raise ValueError("no test digits for each unit")
        result[name] = ends
    return result


ANALYSIS = Analysis("channels", _compute, _by_layer, {"shown": SHOWN})
