"""How well each digit is read: precision, recall and F1, with their counts."""

from typing import NamedTuple

import numpy as np

from mnist_core.evaluation.statistics import Interval, wilson


class DigitScore(NamedTuple):
    """What a confusion matrix says of one digit. A share of none is None."""

    digit: int
    right: int  # predicted as it, correctly
    labelled: int  # how many there are
    read: int  # how many were read as it

    @property
    def recall(self) -> float | None:
        """The share of those that are this digit which were read as it."""
        return self.right / self.labelled if self.labelled else None

    @property
    def precision(self) -> float | None:
        """The share of those read as this digit which are it."""
        return self.right / self.read if self.read else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        both = self.labelled + self.read
        return 2 * self.right / both if both else None

    @property
    def recall_interval(self) -> Interval | None:
        """Wilson's 95 % interval of the recall."""
        return wilson(self.right, self.labelled) if self.labelled else None

    @property
    def precision_interval(self) -> Interval | None:
        """Wilson's 95 % interval of the precision."""
        return wilson(self.right, self.read) if self.read else None


def digit_scores(confusion: np.ndarray) -> list[DigitScore]:
    """The scores of the ten digits, from counts (10, 10): rows the true digit, columns the predicted one."""
    return [
        DigitScore(digit, int(confusion[digit, digit]), int(confusion[digit].sum()), int(confusion[:, digit].sum()))
        for digit in range(10)
    ]
