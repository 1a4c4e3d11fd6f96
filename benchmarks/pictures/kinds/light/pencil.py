"""A digit in grey pencil, 25 to 60 grey levels darker than its paper, in uneven light."""

import numpy as np

from benchmarks.pictures import lights
from benchmarks.pictures.case import Case, Digits


def case(rng: np.random.Generator, digits: Digits) -> Case:
    shape = lights.a_shape(rng)
    ink, label = lights.written(rng, digits, shape)
    paper = rng.uniform(180, 245)
    light = lights.any_light(rng, shape)
    mild = rng.uniform(0.2, 1)  # a faint pencil in a deep shadow no person reads
    return Case(lights.photographed(ink, 1 - mild * (1 - light), rng, paper - rng.uniform(25, 60), paper), label)
