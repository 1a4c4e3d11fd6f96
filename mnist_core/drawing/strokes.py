"""Pen strokes -> a picture, as the canvas of the Draw page paints them.

A stroke is the way of the pen from touching the paper to leaving it: float (n, 2), each row (x, y) in a unit box, x to
the right and y down, n at least 1 (a dot). What lies outside the box is cut off.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

Stroke = np.ndarray

# Of the paper that people draw on, in its pixels. It fits a phone; a digit drawn 200 of them high then has MNIST's
# stroke, some 2.5 pixels in 20.
PAPER, BRUSH = 308, 24
EVEN_PEN = 0.08  # of the digit's longer side: 0.04 to 0.08 read 480 of 480 drawings of 16 people, MNIST's 0.14 read 479
EVEN_SIDE, EVEN_SIZE = 160, 0.85  # pixels a side of the paper for it, and the digit's share of that
BLOT = 2  # pens: what is no longer than so many is a blot to whoever drew it
FINER = 4  # times: it is painted so much finer and reduced, which gives 17 grey levels along an edge
CLOSE = 0.4  # pixels: the brush leaves out a place that is no further from the one before
_CUTS = np.linspace(0, 1, 5)[1:, None]  # of a curve: four straight pieces


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is drawn on a paper `side` pixels wide."""

    strokes: Sequence[Stroke]
    widths: Sequence[float]  # of each stroke's brush, in pixels
    side: int = PAPER

    @property
    def picture(self) -> np.ndarray:
        """It as the paper shows it: uint8 (side, side), ink 255 on black 0."""
        picture = np.zeros((self.side, self.side), np.uint8)
        for width in set(self.widths):
            of_this_width = [stroke for stroke, its in zip(self.strokes, self.widths, strict=True) if its == width]
            np.maximum(picture, render(of_this_width, width, self.side), out=picture)
        return picture

    @property
    def evened(self) -> np.ndarray | None:
        """It with a pen that fits its size (`evened`); None where there is nothing, or only a blot."""
        return evened(self.strokes, max(self.widths) / self.side) if self.widths else None


def smoothed(places: np.ndarray, width: float) -> np.ndarray:
    """The stroke that the brush, `width` pixels wide, makes of the pointer's places: float64 (n, 2), both in pixels.

    It leaves out places too close together, and runs curves through the middles between the others, as Fabric.js does
    on the Draw page; the first and the last point are drawn a little further, so that a touch is a dot. To the bit
    what `smoothed` in `static/engine/drawing.js` computes.
    """
    heard = np.asarray(places, float).reshape(-1, 2)
    kept = _without_close(heard if len(heard) > 1 else heard[[0, 0]])
    sideways = np.array([1.0, 0.0])
    before, after = (
        (np.sign(kept[2] - kept[1]), np.sign(kept[-1] - kept[-3])) if len(kept) > 2 else (sideways, sideways)
    )
    first, last = kept[0] - before * (width / 1000), kept[-1] + after * (width / 1000)
    apart = (kept[1:] != kept[:-1]).any(1)
    corners, nexts = kept[:-1][apart], kept[1:][apart]
    return np.concatenate([first[None], cut_curves(first, corners, corners + (nexts - corners) * 0.5), last[None]])


def cut_curves(start: np.ndarray, corners: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Quadratic curves, each from where the last one ended, cut into four pieces: their ends, float (4 n, 2).

    `start` is (2,); `corners`, towards which a curve bends, and `ends` are (n, 2).
    """
    starts = np.concatenate([start[None], ends[:-1]])[: len(ends)]
    start_, corner, end = (points[:, None] for points in (starts, corners, ends))
    points = (1 - _CUTS) ** 2 * start_ + 2 * _CUTS * (1 - _CUTS) * corner + _CUTS**2 * end
    return points.reshape(-1, 2)


def _without_close(heard: np.ndarray) -> np.ndarray:
    """Without places that repeat the one before, and without those too close to the last one kept."""
    repeats = (heard[2:] == heard[1:-1]).all(1)
    places = heard[np.concatenate([[True, True], ~repeats])]
    if len(places) <= 2:
        return places
    kept = [places[0]]
    for place in places[1:-2]:
        if ((kept[-1] - place) ** 2).sum() >= CLOSE**2:
            kept.append(place)
    return np.stack([*kept, places[-1]])


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
