"""Pen strokes -> a picture, as the canvas of the Draw page paints them.

A stroke is the way of the pen from touching the paper to leaving it: float (n, 2), each row (x, y) in a unit box, x to
the right and y down, n at least 1 (a dot). What lies outside the box is cut off.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

Stroke = np.ndarray

EVEN_PEN = 0.08  # of the digit's longer side: 0.04 to 0.08 read 480 of 480 drawings of 16 people, MNIST's 0.14 read 479
EVEN_SIDE, EVEN_SIZE = 160, 0.85  # pixels a side of the paper for it, and the digit's share of that
BLOT = 2  # pens: what is no longer than so many is a blot to whoever drew it
FINER = 4  # times: it is painted so much finer and reduced, which gives 17 grey levels along an edge


def render(strokes: Sequence[Stroke], width: float, side: int) -> np.ndarray:
    """Paint `strokes` with a round pen of `width` pixels on `side` by `side` pixels: uint8, ink 255 on black 0.

    Anti-aliased, with round caps and joints, white on black as the canvas is.
    """
    fine = Image.new("L", (side * FINER, side * FINER))
    pen = ImageDraw.Draw(fine)
    radius = max(width * FINER / 2, 0.5)
    for stroke in strokes:
        way = np.asarray(stroke, float).reshape(-1, 2) * (side * FINER) - 0.5  # pixel 0's middle is 0.5 in the box
        if len(way) > 1:
            pen.line(way.ravel().tolist(), fill=255, width=max(1, round(2 * radius)))
        for corners in np.concatenate([way - radius, way + radius], 1).tolist():
            pen.ellipse(corners, fill=255)
    return np.asarray(fine.reduce(FINER))


def evened(strokes: Sequence[Stroke], width: float) -> np.ndarray | None:
    """The digit painted anew, always as large and with the same pen: uint8 (160, 160), ink 255 on black 0.

    A thick brush fills a small digit's holes, and a thin one leaves a large digit thinner than any of MNIST's; which
    brush it was says nothing about the digit. `width` is that brush, in the strokes' unit; None where the strokes are
    so short beside it that a blot is what was seen.
    """
    left, top, right, bottom = bounds(strokes)
    if max(right - left, bottom - top) < BLOT * width:
        return None
    return render(fitted(strokes, EVEN_SIZE), EVEN_PEN * EVEN_SIZE * EVEN_SIDE, EVEN_SIDE)


def bounds(strokes: Sequence[Stroke]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all points. Raises ValueError where there is none."""
    points = np.concatenate([np.asarray(stroke, float).reshape(-1, 2) for stroke in strokes])
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return float(left), float(top), float(right), float(bottom)


def turned(strokes: Sequence[Stroke], degrees: float, centre: tuple[float, float] = (0.5, 0.5)) -> list[Stroke]:
    """The strokes turned about `centre`, clockwise as seen, in the same box."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [(np.asarray(stroke, float) - centre) @ matrix + centre for stroke in strokes]


def fitted(strokes: Sequence[Stroke], size: float, centre: tuple[float, float] = (0.5, 0.5)) -> list[Stroke]:
    """The strokes scaled so that their longer side is `size`, aspect kept, and their middle is `centre`."""
    left, top, right, bottom = bounds(strokes)
    scale = size / max(right - left, bottom - top, 1e-9)
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    return [(np.asarray(stroke, float) - middle) * scale + centre for stroke in strokes]
