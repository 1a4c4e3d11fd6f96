"""A whole number whose digits do not touch, but stand over each other: slanted, or a 7 over the next digit."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.writing import Line


def case(rng: np.random.Generator, digits: Digits) -> Case:
    line = Line(rng, round(float(np.exp(rng.uniform(np.log(40), np.log(140))))), rng.uniform(-0.8, 0.4))
    line.slant = rng.uniform(-0.2, 0.55)
    for _ in range(int(rng.integers(2, 6))):
        line.digit(digits, rng.uniform(0.05, 0.14), rng.normal(0, 0.05), True, rng.uniform(0.85, 1.15))
    return Case(line.picture(), line.text, is_number=True)
