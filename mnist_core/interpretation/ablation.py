"""What a change of a network does to its answers: which of the test digits break, and whether that could be luck."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.comparison.pair import LEVEL, Comparison
from mnist_core.config.changes import Change, in_words
from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.statistics import probability

if TYPE_CHECKING:
    import torch


def answers_by_batch(network: "torch.nn.Module", images: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """What `network`, set to answer, says to `images`, uint8 (n, 28, 28): log-probabilities float32, a batch at a time.

    Put together, they are `inference.infer`'s. Raises RequestError where they are no numbers any more.
    """
    from mnist_core.models.inference import infer

    for start in range(0, len(images), batch_size):
        found = infer(network, images[start : start + batch_size], batch_size).numpy()
        if not np.isfinite(found).all():
            raise RequestError("So changed, the network answers with what is no number: undo a change.")
        yield found


def effect(before: Answers, after: np.ndarray, changes: Sequence[Change]) -> Comparison:
    """From the unchanged answers to those after the changes: log-probabilities (m, 10) to the first m of the digits."""
    first = Answers(before.log_probabilities[: len(after)], before.labels[: len(after)])
    return Comparison(first, Answers(after, first.labels), {"changes": ("unchanged", in_words(changes))})


def verdict(found: Comparison) -> str:
    """Whether the change of the accuracy could be luck of the digits, with the reason."""
    mended, broken, n = len(found.fixed), len(found.broken), len(found.before)
    if not mended + broken:
        return f"The very same of the {n:,} test digits are right: the accuracy has not changed."
    split = (
        f"{broken:,} that were right are wrong and {mended:,} that were wrong are right "
        f"(McNemar's exact test: p {probability(found.p_value)}, n = {n:,})"
    )
    luck = "could be luck" if found.p_value >= LEVEL else "could not be luck"
    return f"The change of the accuracy {luck}: {split}."
