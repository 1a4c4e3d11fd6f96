"""A digit on ruled paper: lines as dark as the pen or fainter, single or double, with or without a margin's line."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.printed import Line, draw_lines, photographed, place, written


def case(rng: np.random.Generator, digits: Digits) -> Case:
    side = int(rng.integers(90, 700))
    height, width = side, round(side * rng.uniform(0.8, 1.5))
    pitch = side * rng.uniform(0.12, 0.45)
    thick = max(1.0, side * rng.uniform(0.004, 0.014))
    far = 2 * (height + width)
    lines: list[Line] = []
    for y in np.arange(rng.uniform(0, pitch) - 3 * pitch, height + 3 * pitch, pitch):
        lines.append((-far, y, far, y, thick))
        if pitch > 25 * thick and side % 4 == 0:  # a double line
            lines.append((-far, y + 4 * thick, far, y + 4 * thick, thick))
    if rng.random() < 0.2:
        x = width * rng.uniform(0.05, 0.15)
        lines.append((x, -far, x, far, thick))
    tilt = rng.choice([0, rng.uniform(-6, 6)])
    part, label = written(rng, digits, round(side * rng.uniform(0.3, 0.65)))
    pen = np.zeros((height, width), np.float32)
    place(
        rng,
        pen,
        part,
        (height - part.shape[0]) * rng.uniform(0.3, 0.7),
        (width - part.shape[1]) * rng.uniform(0.4, 0.7),
    )
    return Case(photographed(rng, draw_lines((height, width), lines, float(tilt)), pen), str(label))
