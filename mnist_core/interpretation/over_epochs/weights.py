"""The weights of a run after each of its saved epochs, as kernels, and how far they have travelled."""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_core.interpretation.layers import Layer, layers_of
from mnist_core.runs.own_digits import START
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
    """At most `most` of the saved epochs, evenly, the first and the last among them; and 0, before the first step.

    Where 0 was not saved, `network_at` knows it all the same: it is left out only where that is lost.
    """
    saved = run.saved_epochs()
    if len(saved) > most:
        saved = [saved[place] for place in sorted({round(place) for place in np.linspace(0, len(saved) - 1, most)})]
    is_known = run.record().parent is None or (run.path / START).exists()
    return saved if 0 in saved or not is_known else [0, *saved]


def network_at(run: Run, epoch: int) -> "torch.nn.Module":
    """The run's network after `epoch` epochs of `epochs_to_show`, set to answer.

    A start that was not saved is its parent's network, or drawn again from the run's seed. Raises as `load_network`.
    """
    import torch

    from mnist_core.models import networks
    from mnist_core.models.inference import load_network
    from mnist_core.training import starting_point

    if epoch or 0 in run.saved_epochs():
        return load_network(run, epoch)
    config = run.record().config
    with torch.random.fork_rng([]):
        torch.manual_seed(config.seed)
        model = networks.build_for(config)
    if (given := starting_point.inputs(run)[0]) is not None:
        model.load_state_dict(given)
    return model.eval()


def weight_history(run: Run) -> WeightHistory:
    """The weights after the epochs to show.

    Raises FailedError where weights are damaged.
    """
    epochs = epochs_to_show(run)
    kernels: dict[str, list[np.ndarray]] = {}
    for epoch in epochs:
        model = network_at(run, epoch)
        layers = layers_of(model)
        for layer in layers:
            weight = model.get_parameter(f"{layer.name}.weight").detach()
            kernels.setdefault(layer.name, []).append(weight.float().numpy().reshape(layer.shape))
    weights = {name: np.stack(every) for name, every in kernels.items()}
    return WeightHistory(epochs, layers, weights, 0 in epochs and 0 not in run.saved_epochs())


def distances(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far a layer is from its start after each epoch, `weights` (epochs, ...): two of float (epochs,).

    The Euclidean length of the difference (L2), and the same over the length of the start.
    """
    flat = weights.reshape(len(weights), -1).astype(np.float64)
    moved = np.linalg.norm(flat - flat[0], axis=1)
    return moved, moved / max(float(np.linalg.norm(flat[0])), 1e-12)


def histograms(values: np.ndarray) -> Histograms:
    """Of `values` (epochs, ...), on one axis from the lowest to the highest of all; few values have fewer bins."""
    flat = values.reshape(len(values), -1)
    bins = int(np.clip(math.isqrt(flat.shape[1]), 8, BINS))
    low, high = float(flat.min()), float(flat.max())
    edges = np.linspace(low, high if high > low else low + 1, bins + 1)
    return Histograms(edges, np.stack([np.histogram(one, edges)[0] for one in flat]))
