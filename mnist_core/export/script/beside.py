"""The file beside a program: the digits that are not MNIST's, and the weights that a fine-tuned run began with."""

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mnist_core.drawing import synthetic
from mnist_core.evaluation.statistics import plural
from mnist_core.runs.run import Run
from mnist_core.training import starting_point

State = dict[str, np.ndarray]


class Beside(NamedTuple):
    """An .npz file, and what is in it, in words."""

    content: bytes
    words: str


def beside(run: Run, laid_out: Callable[[State], State] = lambda state: state) -> Beside | None:
    """What the run was trained on besides MNIST; None where that is nothing. Raises FailedError where it is damaged.

    `laid_out` is what becomes of the weights that a fine-tuned run began with, by name.
    """
    arrays: dict[str, np.ndarray] = {}
    words = []
    count = run.record().config.synthetic_digits
    if count:
        drawn = synthetic.load(count)
        arrays |= {"synthetic_images": drawn.images, "synthetic_labels": drawn.labels}
        words.append(f"{count:,} digits drawn by a program")
    start, own = starting_point.inputs(run)
    if start is not None and own is not None:
        arrays |= {"own_images": own.images.numpy(), "own_labels": own.labels.numpy().astype(np.uint8)}
        weights = laid_out({name: value.numpy() for name, value in start.items()})
        arrays |= {f"start/{name}": value for name, value in weights.items()}
        words.append(f"{plural(len(own.labels), 'drawing')}, and the weights that it begins with")
    if not arrays:
        return None
    np.savez_compressed(file := io.BytesIO(), **arrays)  # type: ignore[arg-type]
    return Beside(file.getvalue(), "; ".join(words))
