"""Empty paper or an empty board in uneven light: no digit."""

import numpy as np

from benchmarks.pictures import lights
from benchmarks.pictures.ageing import taken
from benchmarks.pictures.case import Case, Digits


def case(rng: np.random.Generator, digits: Digits) -> Case:
    shape = lights.a_shape(rng)
    light = lights.any_light(rng, shape)
    kind = rng.choice(["paper", "folded", "two", "dark"], p=[0.6, 0.15, 0.15, 0.1])
    if kind == "folded":
        light = light * lights.fold(rng, shape)
    elif kind == "two":
        light = light * lights.any_light(rng, shape)
    level = rng.uniform(40, 90) if kind == "dark" else rng.uniform(180, 250)
    return Case(taken(level * light, rng, float(rng.uniform(0.1, 1))), "")
