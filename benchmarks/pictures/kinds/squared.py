"""A digit on squared paper, several squares high."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.printed import Line, draw_lines, photographed, place, written


def case(rng: np.random.Generator, digits: Digits) -> Case:
    side = int(rng.integers(100, 700))
    height, width = side, round(side * rng.uniform(0.8, 1.4))
    tall = side * rng.uniform(0.3, 0.65)
    pitch = max(9.0, tall / rng.uniform(1.5, 5))
    thick = min(pitch / 8, max(1.0, side * rng.uniform(0.003, 0.01)))
    far = 2 * (height + width)
    lines: list[Line] = [
        (-far, y, far, y, thick) for y in np.arange(rng.uniform(0, pitch) - 9 * pitch, height + 9 * pitch, pitch)
    ]
    lines += [(x, -far, x, far, thick) for x in np.arange(rng.uniform(0, pitch) - 9 * pitch, width + 9 * pitch, pitch)]
    tilt = rng.choice([0, rng.uniform(-6, 6)])
    part, label = written(rng, digits, round(tall))
    pen = np.zeros((height, width), np.float32)
    place(
        rng,
        pen,
        part,
        (height - part.shape[0]) * rng.uniform(0.3, 0.7),
        (width - part.shape[1]) * rng.uniform(0.3, 0.7),
    )
    return Case(photographed(rng, draw_lines((height, width), lines, float(tilt)), pen), str(label))
