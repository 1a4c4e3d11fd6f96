"""A digit in blue, red, green or violet ink on white or coloured paper, in uneven light, in colours."""

import numpy as np

from benchmarks.pictures import lights
from benchmarks.pictures.ageing import taken
from benchmarks.pictures.case import Case, Digits

INKS = [(30, 50, 160), (40, 90, 200), (200, 30, 40), (160, 20, 60), (20, 120, 60), (90, 40, 140)]
PAPERS = [(245, 245, 240), (235, 235, 245), (245, 235, 160), (190, 215, 240), (245, 205, 210), (205, 235, 200)]


def case(rng: np.random.Generator, digits: Digits) -> Case:
    shape = lights.a_shape(rng)
    ink, label = lights.written(rng, digits, shape)
    pen, paper = (np.array(some[rng.integers(len(some))]) + rng.uniform(-12, 12, 3) for some in (INKS, PAPERS))
    strength = ink[..., None] * rng.uniform(0.8, 1)
    colours = (paper + (pen - paper) * strength) * lights.any_light(rng, shape)[..., None]
    return Case(taken(colours * rng.uniform(0.92, 1, 3), rng, float(rng.uniform(0.1, 1))), label)
