"""A whole number with the usual gaps, 2 to 8 digits: nothing here may be lost by what the other kinds need."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.writing import Line


def case(rng: np.random.Generator, digits: Digits) -> Case:
    line = Line(rng, round(float(np.exp(rng.uniform(np.log(28), np.log(160))))), rng.uniform(-0.6, 0.6))
    line.slant = rng.choice([0, 0, rng.uniform(-0.15, 0.3)])
    gap = rng.uniform(0.12, 0.4)
    for _ in range(int(rng.integers(2, 9))):
        line.digit(digits, gap + rng.uniform(-0.06, 0.1), rng.normal(0, 0.04), size=rng.uniform(0.88, 1.1))
    return Case(line.picture(), line.text, is_number=True)
