"""A digit on a whiteboard in which a lamp or a window is mirrored: a blurred highlight, too bright in its middle."""

import numpy as np

from benchmarks.pictures import lights
from benchmarks.pictures.ageing import taken
from benchmarks.pictures.case import Case, Digits


def case(rng: np.random.Generator, digits: Digits) -> Case:
    shape = lights.a_shape(rng)
    ink, label = lights.written(rng, digits, shape)
    board, pen = rng.uniform(140, 215), rng.uniform(20, 80)
    levels = (board + (pen - board) * ink) * lights.ramp(rng, shape)
    y, x = lights.places(shape)
    for _ in range(int(rng.integers(1, 3))):
        middle, size = rng.uniform(0, 1, 2), rng.uniform(0.06, 0.25, 2)
        if rng.random() < 0.5:
            glare = np.exp(-(((y - middle[0]) / size[0]) ** 2) - ((x - middle[1]) / size[1]) ** 2)
        else:  # a window
            soft = rng.uniform(0.05, 0.2)
            glare = np.minimum(
                *(lights.step(s - abs(n - m), soft) for n, m, s in zip((y, x), middle, size, strict=True))
            )
        levels = levels + rng.uniform(40, 110) * glare
    return Case(taken(levels, rng, float(rng.uniform(0.1, 1))), label)
