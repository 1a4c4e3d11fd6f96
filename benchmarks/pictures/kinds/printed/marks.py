"""A number with a mark in a font: the mark in its place, or a doubt."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.kinds.printed.words import page

FORMS = ("{}.{}", "{},{}", "{}:{}", "{}/{}", "-{}", "+{}", "{}%", "{}+{}", "{}={}", "{}-{}")


def case(rng: np.random.Generator, digits: Digits) -> Case:
    del digits
    form = str(rng.choice(FORMS))
    text = form.format(*("".join(map(str, rng.integers(0, 10, rng.integers(1, 4)))) for _ in range(2)))
    return Case(page(text, rng), text, is_number=True)
