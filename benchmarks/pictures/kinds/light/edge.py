"""A digit through which the edge of a shadow goes: hard or soft, straight or round, of any tilt."""

import numpy as np

from benchmarks.pictures import lights
from benchmarks.pictures.case import Case, Digits


def case(rng: np.random.Generator, digits: Digits) -> Case:
    shape = lights.a_shape(rng)
    ink, label = lights.written(rng, digits, shape)
    rows, columns = np.nonzero(ink > 0.5)
    place = int(rng.integers(len(rows)))
    light = lights.shadow(rng, shape, (rows[place] / min(shape), columns[place] / min(shape)))
    return Case(lights.photographed(ink, light, rng, rng.uniform(20, 90), rng.uniform(180, 250)), label)
