"""What an export has written, and whether it answers as the run does."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_core.evaluation.statistics import plural


@dataclass(frozen=True)
class Check:
    """What was exported was run over digits, and its answers held against the run's own."""

    digits: int  # how many
    different: int  # of them, read as another digit
    largest: float  # the largest difference of any of the probabilities, 0 to 1

    @property
    def sentence(self) -> str:
        """For a person, and for the file."""
        return (
            f"Checked over {plural(self.digits, 'test digit')}: {plural(self.different, 'different answer')}, "
            f"largest difference of a probability {self.largest:.1e}."
        )


def check(ours: np.ndarray, theirs: np.ndarray) -> Check:
    """Hold the probabilities `theirs` against `ours`, both float (n, 10). Raises ValueError for another shape."""
    if ours.shape != theirs.shape:
        raise ValueError(f"answers of shape {theirs.shape}, where {ours.shape} was expected")
    different = int((ours.argmax(1) != theirs.argmax(1)).sum())
    return Check(len(ours), different, float(np.abs(ours.astype(np.float64) - theirs).max()))


@dataclass(frozen=True)
class Written:
    """An export that is done."""

    paths: tuple[Path, ...]  # of what it wrote, the first being what was asked for; none where it went to an address
    sentence: str  # how to use it, for a person
    check: Check | None = None  # None: nothing in it answers
