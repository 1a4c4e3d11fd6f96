"""A whole number in a font."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.kinds.printed.words import page


def case(rng: np.random.Generator, digits: Digits) -> Case:
    del digits
    text = "".join(str(digit) for digit in rng.integers(0, 10, rng.integers(2, 9)))
    return Case(page(text, rng), text, is_number=True)
