"""A network's own features of a digit: what its last linear layer sees. Digits near by these look alike to it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from mnist_core.data import mnist
from mnist_core.errors import DamagedError
from mnist_core.runs import manifest
from mnist_core.runs.analyses import Analysis
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    import torch

_BATCH = 1000


class Neighbours(NamedTuple):
    """For each of m digits its k nearest training digits, the nearest first."""

    indices: np.ndarray  # int64 (m, k), into the 60,000
    distances: np.ndarray  # float32 (m, k), Euclidean, in the units of the network's features


def features(
    run: Run, epoch: int, split: Literal["train", "test"], report: Callable[[float], None] = lambda share: None
) -> np.ndarray:
    """What the network of `run` after `epoch` epochs makes of a whole split: float32 (60000 or 10000, d).

    The features are the values that enter the last linear layer. They are computed once (on one core one to thirty
    seconds for the 60,000, by network; `report` takes the share done, 0 to 1) and kept beside the weights; read again,
    they need no torch.

    Raises FailedError when the weights are missing or damaged, or when the disk refuses.
    """
    path, weights = _file(run, epoch, split), run.weights(epoch)
    if is_computed(run, epoch, split):
        try:
            return np.load(io.BytesIO(manifest.read(path)), allow_pickle=False)
        except (OSError, ValueError, EOFError, DamagedError):
            pass  # damaged: computed again
    from mnist_core.models.inference import load_network

    weights_of = weights.stat().st_mtime_ns if weights.exists() else 0
    found = features_of(load_network(run, epoch), mnist.load_arrays(split).images, report)
    if weights.exists() and weights.stat().st_mtime_ns == weights_of:
        buffer = io.BytesIO()
        np.save(buffer, found)
        run.make_derived_folder()
        manifest.replace(path, buffer.getvalue())
    return found


def is_computed(run: Run, epoch: int, split: Literal["train", "test"]) -> bool:
    """Whether `features` of this split are on disk, for the weights as they are now."""
    path, weights = _file(run, epoch, split), run.weights(epoch)
    return path.exists() and weights.exists() and path.stat().st_mtime_ns >= weights.stat().st_mtime_ns


def features_of(
    model: "torch.nn.Module", images: np.ndarray, report: Callable[[float], None] = lambda share: None
) -> np.ndarray:
    """The features of `images`, uint8 (n, 28, 28): float32 (n, d).

    `model` is set to answer. Where it looks at a digit several times (`deep` turns and scales it), the mean counts.
    """
    import torch

    from mnist_core.models.inference import infer

    last = [layer for layer in model.modules() if isinstance(layer, torch.nn.Linear)][-1]
    seen: list[torch.Tensor] = []
    hook = last.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    found = []

    def batch_done(share: float) -> None:
        found.append(torch.stack(seen).mean(0).float().numpy())
        seen.clear()
        report(share)

    try:
        infer(model, images, _BATCH, batch_done)
    finally:
        hook.remove()
    return np.concatenate(found)


def nearest(points: np.ndarray, wanted: np.ndarray, k: int) -> Neighbours:
    """The `k` rows of `points` (n, d) nearest to each row of `wanted` (m, d), by Euclidean distance.

    One matrix product finds them; the distances of those k are then computed exactly. Equals stand by index.
    """
    squared = (points**2).sum(1) - 2 * (wanted @ points.T)  # the distance, but for a constant a row
    near = np.sort(np.argpartition(squared, k - 1, axis=1)[:, :k], axis=1)
    distances = np.linalg.norm(points[near] - wanted[:, None], axis=2)
    order = np.argsort(distances, axis=1, kind="stable")
    return Neighbours(np.take_along_axis(near, order, 1), np.take_along_axis(distances, order, 1))


def _file(run: Run, epoch: int, split: str) -> Path:
    return run.derived(epoch, f"features.{split}.npy")


# Their answers are how many features there are: the features themselves lie in a file of their own.
ANALYSIS = Analysis("features", lambda run, epoch, report: features(run, epoch, "train", report).shape[1], int)
TEST_ANALYSIS = Analysis("embeddings", lambda run, epoch, report: features(run, epoch, "test", report).shape[1], int)
