"""A digit on ruled or squared paper or in a printed box, in uneven light."""

import numpy as np

from benchmarks.pictures import lights
from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.printed import Line, draw_box, draw_lines


def case(rng: np.random.Generator, digits: Digits) -> Case:
    shape = lights.a_shape(rng)
    ink, label = lights.written(rng, digits, shape)
    light = lights.any_light(rng, shape)
    lines = rng.uniform(0.4, 0.9) * _printed(rng, shape)  # less dark than the pen
    return Case(
        lights.photographed(np.maximum(ink, lines), light, rng, rng.uniform(20, 90), rng.uniform(180, 250)), label
    )


def _printed(rng: np.random.Generator, shape: lights.Shape) -> np.ndarray:
    """Ruling, squares or a box around everything: float32 `shape`, 0 to 1."""
    height, width = shape
    side = min(shape)
    thick = max(1.0, side * rng.uniform(0.004, 0.012))
    paper = rng.choice(["ruled", "squared", "box"])
    if paper == "box":
        inset = side * rng.uniform(0.03, 0.09)
        return draw_box(shape, (inset, inset, width - inset, height - inset), thick)
    pitch = side * rng.uniform(0.12, 0.35)
    far = 2 * (height + width)
    first = rng.uniform(0, pitch) - 9 * pitch
    lines: list[Line] = [(-far, y, far, y, thick) for y in np.arange(first, height + 9 * pitch, pitch)]
    if paper == "squared":
        lines += [(x, -far, x, far, thick) for x in np.arange(first, width + 9 * pitch, pitch)]
    return draw_lines(shape, lines, float(rng.uniform(-4, 4)))
