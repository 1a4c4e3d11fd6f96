"""The weights of a run after each of its saved epochs, as kernels, and how far they have travelled."""

import contextlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_core.errors import MnistError
from mnist_core.interpretation.layers import Layer, layers_of
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    import torch

MOST_EPOCHS = 40  # of a longer run so many are taken, evenly, the first and the last among them
BINS = 60


class Histograms(NamedTuple):
    """How often each value occurs, for each epoch on the same bins."""

    edges: np.ndarray  # float (bins + 1,); what lies beyond the ends is counted in the outermost bins
    counts: np.ndarray  # int (epochs, bins)


class WeightHistory(NamedTuple):
    """A run's kernels over its epochs."""

    epochs: list[int]  # ascending; 0 is before the first step
    layers: list[Layer]
    weights: dict[str, np.ndarray]  # by layer: float32 (epochs, units, planes, height, width)
    is_start_rebuilt: bool  # epoch 0 was not saved, and is drawn again from the run's seed


def epochs_to_show(run: Run, most: int = MOST_EPOCHS) -> list[int]:
    """At most `most` of the saved epochs, evenly; the first and the last are among them."""
    saved = run.saved_epochs()
    if len(saved) <= most:
        return saved
    return [saved[place] for place in sorted({round(place) for place in np.linspace(0, len(saved) - 1, most)})]


def weight_history(run: Run) -> WeightHistory:
    """The weights after the epochs to show, and before the first step.

    Raises FailedError where weights are damaged.
    """
    import torch

    from mnist_core.models import checkpoint, networks

    with torch.random.fork_rng([]):
        model = networks.build(run.record().config.model)
    layers = layers_of(model)
    kernels: dict[str, list[np.ndarray]] = {layer.name: [] for layer in layers}

    def keep() -> None:
        for layer in layers:
            weight = model.get_parameter(f"{layer.name}.weight").detach()
            kernels[layer.name].append(weight.float().numpy().reshape(layer.shape).copy())

    epochs = epochs_to_show(run)
    start = None if 0 in epochs else _start(run)
    if start is not None:
        model.load_state_dict(start)
        keep()
    for epoch in epochs:
        checkpoint.load_weights(run.weights(epoch), model)
        keep()
    weights = {name: np.stack(every) for name, every in kernels.items()}
    is_rebuilt = start is not None
    epochs = [0, *epochs] if is_rebuilt else epochs
    return WeightHistory(epochs, layers, weights, is_rebuilt)


def _start(run: Run) -> "dict[str, torch.Tensor] | None":
    """The weights that the run began with: its parent's, or those drawn from its seed; None where they are lost."""
    import torch

    from mnist_core.models import networks
    from mnist_core.training import starting_point

    record = run.record()
    if record.parent is not None:
        with contextlib.suppress(MnistError, OSError):
            return starting_point.inputs(run)[0]
        return None
    with torch.random.fork_rng([]):
        torch.manual_seed(record.config.seed)
        return networks.build(record.config.model, record.config.dropout).state_dict()


def distances(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far a layer is from its start after each epoch, `weights` (epochs, ...): two of float (epochs,).

    The Euclidean length of the difference (L2), and the same over the length of the start.
    """
    flat = weights.reshape(len(weights), -1).astype(np.float64)
    moved = np.linalg.norm(flat - flat[0], axis=1)
    return moved, moved / max(float(np.linalg.norm(flat[0])), 1e-12)


def histograms(values: np.ndarray, bins: int = BINS) -> Histograms:
    """Of `values` (epochs, ...), on one axis from the lowest to the highest of all."""
    flat = values.reshape(len(values), -1)
    low, high = float(flat.min()), float(flat.max())
    edges = np.linspace(low, high if high > low else low + 1, bins + 1)
    return Histograms(edges, np.stack([np.histogram(one, edges)[0] for one in flat]))
