"""A digit on paper that was folded: a thin line, fainter than the pen, and one half a little darker."""

import numpy as np

from benchmarks.pictures import lights
from benchmarks.pictures.case import Case, Digits


def case(rng: np.random.Generator, digits: Digits) -> Case:
    shape = lights.a_shape(rng)
    ink, label = lights.written(rng, digits, shape)
    light = lights.fold(rng, shape)
    if rng.random() < 0.3:
        light = light * lights.any_light(rng, shape)
    return Case(lights.photographed(ink, light, rng, rng.uniform(20, 90), rng.uniform(180, 250)), label)
