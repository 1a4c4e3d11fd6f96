"""How the activations of each layer are spread, after each saved epoch."""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mnist_core.data import mnist
from mnist_core.interpretation.layers import each_layers_answers, layers_of
from mnist_core.interpretation.over_epochs.weights import BINS, MOST_EPOCHS, Histograms, epochs_to_show, network_at
from mnist_core.runs.analyses import Analysis
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    import torch

DIGITS = 500  # the first test digits
_WIDER = 0.25  # the axis is so much wider than what the first and the last network need, at either end


class Activations(NamedTuple):
    """For each layer the spread over the epochs, and the share of values above 0, which a ReLU lets pass."""

    epochs: list[int]
    layers: dict[str, Histograms]
    above_zero: dict[str, list[float]]  # for each epoch, 0 to 1
    values: dict[str, int]  # that are counted in each epoch


def spread(
    models: "Sequence[Callable[[], torch.nn.Module]]", images: np.ndarray, report: Callable[[float], None]
) -> dict[str, Any]:
    """The histograms of each layer's answers (before ReLU) to `images`, for each of the `models` that are loaded.

    The bins of a layer span what the first and the last of the models answer, and somewhat more.
    """
    first, last = models[0](), models[-1]()
    names = [layer.name for layer in layers_of(last)]
    ends = [_ends(first, images), _ends(last, images)]
    edges = []
    for lows, highs in zip(*[zip(*end, strict=True) for end in ends], strict=True):
        low, high = min(lows), max(highs)
        room = _WIDER * max(high - low, 1e-6)
        edges.append(np.linspace(low - room, high + room, BINS + 1))
    counts: list[list[list[int]]] = [[] for _ in names]
    above: list[list[int]] = [[] for _ in names]
    for number, load in enumerate(models):
        found = [np.zeros(BINS, int) for _ in names]
        positive = [0 for _ in names]

        def take(place: int, output: "torch.Tensor", found: Any = found, positive: Any = positive) -> None:
            values = output.float().numpy().ravel()
            inside = np.clip(values, edges[place][0], edges[place][-1])
            found[place] += np.histogram(inside, edges[place])[0]
            positive[place] += int((values > 0).sum())

        each_layers_answers(load(), images, take)
        for place in range(len(names)):
            counts[place].append(found[place].tolist())
            above[place].append(positive[place])
        report((number + 1) / len(models))
    return {
        name: {"edges": edges[place].round(6).tolist(), "counts": counts[place], "above_zero": above[place]}
        for place, name in enumerate(names)
    }


def _ends(model: "torch.nn.Module", images: np.ndarray) -> tuple[list[float], list[float]]:
    """The lowest and the highest answer of each layer."""
    found: dict[int, tuple[float, float]] = {}

    def take(place: int, output: "torch.Tensor") -> None:
        low, high = found.get(place, (np.inf, -np.inf))
        found[place] = min(low, float(output.min())), max(high, float(output.max()))

    each_layers_answers(model, images, take)
    return [found[place][0] for place in sorted(found)], [found[place][1] for place in sorted(found)]


def _compute(run: Run, epoch: int, report: Callable[[float], None]) -> dict[str, Any]:
    epochs = [saved for saved in epochs_to_show(run) if saved <= epoch]
    models = [functools.partial(network_at, run, saved) for saved in epochs]
    images = mnist.load_arrays("test").images[:DIGITS]
    return {"epochs": epochs, "layers": spread(models, images, report)}


def _activations(found: dict[str, Any]) -> Activations:
    epochs = [int(epoch) for epoch in found["epochs"]]
    layers, above, values = {}, {}, {}
    for name, said in found["layers"].items():
        edges, counts = np.array(said["edges"], float), np.array(said["counts"], int)
        if counts.shape != (len(epochs), BINS) or edges.shape != (BINS + 1,) or len(said["above_zero"]) != len(epochs):
            raise ValueError("no histograms of each epoch")
        layers[name], values[name] = Histograms(edges, counts), int(counts[0].sum())
        above[name] = [count / values[name] for count in said["above_zero"]]
    return Activations(epochs, layers, above, values)


# Asked of the last saved epoch: with more epochs it is another question.
ANALYSIS = Analysis("activations", _compute, _activations, {"digits": DIGITS, "bins": BINS, "epochs": MOST_EPOCHS})
