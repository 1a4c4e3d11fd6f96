"""A digit in a printed box, which it may cross."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.printed import draw_box, photographed, place, turned, written


def printed_box(rng: np.random.Generator) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """A box's lines, float32 (height, width), and its left, top, right, bottom before it was turned."""
    side = int(rng.integers(60, 600))
    height, width = side, round(side * rng.uniform(0.75, 1.2))
    margin = rng.uniform(0.03, 0.2)
    tilt = float(rng.choice([0, rng.uniform(-5, 5)]))
    if tilt:
        margin = max(margin, 0.1)
    left, right = width * margin, width * (1 - margin * rng.uniform(0.6, 1))
    top, bottom = height * margin, height * (1 - margin * rng.uniform(0.6, 1))
    thick = max(1.0, side * rng.uniform(0.006, 0.025))
    radius = (right - left) * rng.uniform(0.04, 0.15) if rng.random() < 0.3 else 0
    lines = draw_box((height, width), (left, top, right, bottom), thick, radius)
    if rng.random() < 0.15:  # a double frame
        inner = 3 * thick + 1
        box = (left + inner, top + inner, right - inner, bottom - inner)
        np.maximum(lines, draw_box((height, width), box, max(1.0, thick / 2), radius), out=lines)
        left, top, right, bottom = box
    return (turned(lines, tilt) if tilt else lines), (left, top, right, bottom)


def case(rng: np.random.Generator, digits: Digits) -> Case:
    lines, (left, top, right, bottom) = printed_box(rng)
    crosses = rng.random() < 0.2
    share = rng.uniform(0.95, 1.15) if crosses else rng.uniform(0.4, 0.75)
    part, label = written(rng, digits, round((bottom - top) * share))
    if part.shape[1] > 0.8 * (right - left) and not crosses:
        part, label = digits.draw(rng, round((bottom - top) * 0.4))
    pen = np.zeros(lines.shape, np.float32)
    down, across = (0.5, 0.5) if crosses else rng.uniform(0.3, 0.7, 2)
    place(rng, pen, part, top + (bottom - top - part.shape[0]) * down, left + (right - left - part.shape[1]) * across)
    return Case(photographed(rng, lines, pen), str(label))
