"""A digit in a lamp's spot, or beside it."""

import numpy as np

from benchmarks.pictures import lights
from benchmarks.pictures.case import Case, Digits


def case(rng: np.random.Generator, digits: Digits) -> Case:
    shape = lights.a_shape(rng)
    ink, label = lights.written(rng, digits, shape)
    light = lights.spot(rng, shape)
    return Case(lights.photographed(ink, light, rng, rng.uniform(20, 90), rng.uniform(180, 250)), label)
