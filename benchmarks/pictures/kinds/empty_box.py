"""A printed box in which nobody has written."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.kinds.box import printed_box
from benchmarks.pictures.printed import photographed


def case(rng: np.random.Generator, digits: Digits) -> Case:
    del digits
    lines, _ = printed_box(rng)
    return Case(photographed(rng, lines, np.zeros_like(lines)), "")
