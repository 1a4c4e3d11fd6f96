"""What a fine-tuned run keeps a copy of: its parent's weights, and the drawings that it trains on or holds out."""

import io
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.data.mnist import Arrays, Split
from mnist_core.errors import DamagedError
from mnist_core.runs import manifest
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    import torch

FILE, START = "own.npz", "start.safetensors"  # in the run's folder
PARTS = (("images", "labels"), ("held_out", "held_out_labels"))  # of own.npz
MAX_OWN = 100_000_000  # bytes of it; a drawing has 785


def inputs(run: Run) -> "tuple[dict[str, torch.Tensor] | None, Split | None]":
    """The weights that `run` starts from and the drawings that it trains on; None and None where it has no parent.

    Raises FailedError when they are damaged.
    """
    if run.record().parent is None:
        return None, None
    from mnist_core.models import checkpoint

    return checkpoint.read_weights(run.path / START), drawings(run)[0].tensors()


def drawings(run: Run) -> tuple[Arrays, Arrays]:
    """The drawings that the run is trained on, and those that were held out. Raises DamagedError as `inputs`."""
    path = run.path / FILE
    try:
        kept = np.load(io.BytesIO(manifest.read(path, MAX_OWN)), allow_pickle=False)
        found = [Arrays(kept[images], kept[labels]) for images, labels in PARTS]
        for images, labels in found:
            if images.dtype != np.uint8 or images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
                raise ValueError("no drawings")
            if labels.max(initial=0) > 9 or not np.issubdtype(labels.dtype, np.unsignedinteger):
                raise ValueError("no labels")
    except Exception as error:  # NumPy and zipfile raise whatever a damaged byte makes them stumble over
        raise DamagedError(f"{path} is damaged: fine-tune again.") from error
    return found[0], found[1]
