"""A digit on plain paper, photographed: nothing here may be lost by what the other kinds need."""

import numpy as np

from benchmarks.pictures.ageing import aged, on_paper
from benchmarks.pictures.case import Case, Digits, lay


def case(rng: np.random.Generator, digits: Digits) -> Case:
    side = int(rng.integers(90, 400))
    part, label = digits.draw(rng, round(side * rng.uniform(0.25, 0.75)))
    ink = np.zeros((side, side), np.float32)
    top, left = ((side - n) * rng.uniform(0.2, 0.8) for n in part.shape)
    lay(ink, part, round(top), round(left))
    grey = on_paper(ink, pen=rng.uniform(20, 110), paper=rng.uniform(180, 250))
    return Case(aged(grey, rng, rng.uniform(0, 1)), str(label))
