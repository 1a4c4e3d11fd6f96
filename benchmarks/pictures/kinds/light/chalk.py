"""A digit in chalk on a dark board, unevenly lit."""

import numpy as np

from benchmarks.pictures import lights
from benchmarks.pictures.ageing import taken
from benchmarks.pictures.case import Case, Digits


def case(rng: np.random.Generator, digits: Digits) -> Case:
    shape = lights.a_shape(rng)
    ink, label = lights.written(rng, digits, shape)
    board, chalk = rng.uniform(30, 80), rng.uniform(170, 240)
    grain = rng.uniform(0, 0.3) * rng.random(shape)  # chalk leaves gaps
    wiped = rng.uniform(0, 12) * np.sin(lights.places(shape)[1] * rng.uniform(3, 12) + rng.uniform(0, 6))
    levels = board + wiped + (chalk - board) * ink * (1 - grain)
    mild = rng.uniform(0.3, 1)
    return Case(taken(levels * (1 - mild * (1 - lights.any_light(rng, shape))), rng, float(rng.uniform(0.1, 1))), label)
