"""Two digits that touch or nearly do."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.kinds.touching import touching


def case(rng: np.random.Generator, digits: Digits) -> Case:
    return touching(rng, digits, 2)
