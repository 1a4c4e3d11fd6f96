"""A whole number of 2 to 6 digits that touch or nearly do: their boxes lie from -6 % to 3 % of the height apart."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.writing import Line


def case(rng: np.random.Generator, digits: Digits) -> Case:
    return touching(rng, digits, int(rng.integers(2, 7)))


def touching(rng: np.random.Generator, digits: Digits, count: int) -> Case:
    line = Line(rng, round(float(np.exp(rng.uniform(np.log(30), np.log(140))))), rng.uniform(-0.8, 0.8))
    line.slant = rng.choice([0, 0, rng.uniform(-0.15, 0.3)])
    near = bool(rng.random() < 0.4)  # the gap is where the ink comes closest
    for _ in range(count):
        line.digit(digits, rng.uniform(-0.06, 0.03), rng.normal(0, 0.05), near, rng.uniform(0.85, 1.15))
    return Case(line.picture(), line.text, is_number=True)
