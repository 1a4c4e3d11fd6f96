"""Drawings that are not one digit, made of strokes: scribbles, letters, dots, blanks, two digits, cut-off digits.

`rejection.py` trains the detector on samples of seed 0 and measures it on samples of another seed, among them kinds of
scribbles (`unknown`) and real pen strokes that it has not been trained on.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from mnist_core.drawing import strokes, synthetic
from mnist_core.drawing.prepare import Prepared, prepare
from mnist_core.drawing.strokes import Stroke

SIDE = 308  # pixels, of the canvas
# Letters that are no digit to most people, in the notation of `mnist_core/drawing/stroke_templates.py`.
LETTERS = {
    "A": "0,100 50,0! 100,100; 20,62 80,62",
    "E": "90,0 5,0! 5,100! 92,100; 5,48 76,48",
    "F": "92,0 5,0! 5,100; 5,46 74,46",
    "H": "5,0 5,100; 92,0 92,100; 5,50 92,50",
    "K": "8,0 8,100; 88,0 8,56! 92,100",
    "M": "0,100 10,0! 50,66! 90,0! 100,100",
    "N": "4,100 4,0! 92,100! 92,0",
    "R": "8,100 8,0! 60,0 84,24 58,48 8,50! 88,100",
    "T": "0,0 100,0; 50,0 50,100",
    "V": "0,0 50,100! 100,0",
    "W": "0,0 24,100! 50,34! 76,100! 100,0",
    "X": "0,0 100,100; 100,0 0,100",
    "Y": "0,0 50,50! 100,0; 50,50 50,100",
    "m": "4,100 4,30! 6,50 24,26 48,40 50,100! 52,50 72,26 94,40 96,100",
    "k": "10,0 10,100; 72,40 10,70! 80,100",
    "h": "10,0 10,100! 12,60 50,42 80,62 80,100",
    "w": "0,40 20,98 48,50 74,98 100,40",
    "e": "8,64 90,60 74,34 30,36 8,66 30,98 86,90",
    "?": "10,24 30,2 74,4 80,34 50,52 50,72; 50,96 50,98",
    "+": "50,0 50,100; 0,50 100,50",
    "#": "30,0 22,100; 76,0 68,100; 0,34 100,34; 0,68 100,68",
}


class Sample(NamedTuple):
    """What somebody may put on the canvas."""

    picture: np.ndarray  # uint8, as `drawing.prepare` takes it
    evened: np.ndarray | None = None  # its strokes with an even pen (`strokes.evened`)

    @property
    def prepared(self) -> Prepared | None:
        """As the Draw page prepares it."""
        return prepare(self.picture, self.evened)


def scribble(rng: np.random.Generator) -> list[Stroke]:
    """A line that goes anywhere: a wandering curve, a zigzag, hatching, a spiral with waves, several curves, loops."""
    kind = rng.integers(6)
    if kind == 0:
        return [synthetic.spline(rng.uniform(0, 1, (rng.integers(8, 22), 2)), 0.3)]
    if kind == 1:
        turns = int(rng.integers(6, 13))
        x = np.linspace(0, 1, turns) + rng.normal(0, 0.04, turns)
        y = (np.arange(turns) % 2) * rng.uniform(0.5, 1) + rng.normal(0, 0.1, turns)
        return [np.stack([x, y], 1)]
    if kind == 2:
        lines = rng.integers(5, 9)
        return [rng.uniform(0, 1, (2, 2)) for _ in range(lines)]
    if kind == 3:
        return [synthetic.spline(rng.uniform(0, 1, (rng.integers(4, 8), 2)), 0.3) for _ in range(rng.integers(2, 5))]
    if kind == 4:  # a few harmonics: one line that crosses itself again and again
        time = np.linspace(0, 2 * np.pi, 160)[:, None, None]
        waves = rng.normal(0, 1, (1, 4, 2)) / [[[1], [1.2], [1.5], [2]]]
        rates = np.array([1, 2, 3, 5])[None, :, None] * rng.uniform(0.7, 1.3)
        return [(waves * np.sin(rates * time + rng.uniform(0, 7, (1, 4, 2)))).sum(1)]
    angle = np.linspace(0, rng.uniform(5, 9) * np.pi, 120)
    radius = np.linspace(0.1, 0.5, 120) * (1 + 0.1 * np.sin(3 * angle))
    return [np.stack([0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle)], 1)]


def letter(rng: np.random.Generator) -> list[Stroke]:
    """One of `LETTERS`, unsteady."""
    style = list(LETTERS.values())[rng.integers(len(LETTERS))]
    slant, wide = rng.normal(0, 0.12), rng.uniform(0.55, 0.9)
    drawn = []
    for points, corners in synthetic.parse(style):
        points = points + rng.normal(0, 0.03, points.shape)
        cuts = [0, *np.flatnonzero(corners), len(points) - 1]
        pieces = [synthetic.spline(points[a : b + 1], 0.5) for a, b in pairwise(cuts) if b > a]
        way = np.concatenate(pieces)
        drawn.append(np.stack([way[:, 0] * wide - slant * way[:, 1], way[:, 1]], 1))
    return drawn


def unknown_scribble(rng: np.random.Generator) -> list[Stroke]:
    """Scribbles of other kinds: a drunkard's walk, coils along a line, a Lissajous figure, a crossed-out patch."""
    kind, t = rng.integers(4), np.linspace(0, 1, 150)
    if kind == 0:
        return [np.cumsum(np.cumsum(rng.normal(0, 1, (150, 2)), 0) * 0.3 + rng.normal(0, 6, (150, 2)), 0)]
    if kind == 1:
        turns, radius = rng.uniform(5, 9), rng.uniform(0.1, 0.25)
        return [np.stack([t + radius * np.cos(t * turns * 6.3), radius * 1.5 * np.sin(t * turns * 6.3)], 1)]
    if kind == 2:
        a, b = rng.choice([(3, 4), (3, 5), (4, 5), (5, 6), (2, 5)])
        return [np.stack([np.sin(2 * np.pi * a * t + rng.uniform(0, 3)), np.sin(2 * np.pi * b * t)], 1)]
    angles = rng.uniform(0, np.pi, 2) + [0, 1.2]
    lines = []
    for angle in angles:
        for offset in np.linspace(-0.5, 0.5, int(rng.integers(3, 6))):
            along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
            lines.append(np.stack([across * offset - along * 0.6, across * offset + along * 0.6]))
    return lines


def painted(drawn: list[Stroke], rng: np.random.Generator, side: int = SIDE) -> Sample:
    """On the canvas (or one of another size), of some size, somewhere, with some pen."""
    size = float(np.exp(rng.uniform(np.log(100), np.log(240))))
    pen = rng.uniform(8, min(26, size / 5))
    room = (SIDE - size - pen) / 2 / SIDE * 0.9
    centre = tuple(0.5 + rng.uniform(-room, room, 2))
    return with_pen(strokes.fitted(drawn, size / SIDE, centre), pen, side)


def with_pen(drawn: list[Stroke], pen: float, side: int = SIDE) -> Sample:
    """Strokes in the unit box on the canvas, with a pen of so many of its pixels."""
    return Sample(strokes.render(drawn, pen * side / SIDE, side), strokes.evened(drawn, pen / SIDE))


def good_digits(seed: int, count: int) -> Iterator[Sample]:
    """Synthetic digits on the canvas."""
    for index in range(count):
        rng = np.random.default_rng((seed, index, 2))
        _, drawn = synthetic.digit_strokes(seed + 1000, index)
        yield painted(drawn, rng)


def scribbles(seed: int, count: int, side: int = SIDE) -> Iterator[Sample]:
    for index in range(count):
        rng = np.random.default_rng((seed, index, 3))
        yield painted(scribble(rng), rng, side)


def unknown(seed: int, count: int, side: int = SIDE) -> Iterator[Sample]:
    for index in range(count):
        rng = np.random.default_rng((seed, index, 8))
        yield painted(unknown_scribble(rng), rng, side)


def letters(seed: int, count: int, side: int = SIDE) -> Iterator[Sample]:
    for index in range(count):
        rng = np.random.default_rng((seed, index, 4))
        yield painted(letter(rng), rng, side)


def blanks(seed: int, count: int) -> Iterator[Sample]:
    """Empty canvases, grey ones with faint noise, and dots."""
    for index in range(count):
        rng = np.random.default_rng((seed, index, 5))
        kind = index % 3
        if kind == 0:
            yield Sample(np.full((SIDE, SIDE), rng.integers(256), np.uint8))
        elif kind == 1:
            yield Sample(rng.normal(rng.integers(40, 220), 2, (SIDE, SIDE)).clip(0, 255).astype(np.uint8))
        else:
            spot = np.concatenate([rng.uniform(0.2, 0.8, (1, 2))] * 2)
            spot[1] += rng.normal(0, 0.008, 2)
            yield with_pen([spot], rng.uniform(8, 40))


def two_digits(seed: int, count: int, side: int = SIDE) -> Iterator[Sample]:
    for index in range(count):
        rng = np.random.default_rng((seed, index, 6))
        pair = []
        for place, half in enumerate((0.27, 0.73)):
            _, drawn = synthetic.digit_strokes(seed + 2000, 2 * index + place)
            left, top, right, bottom = strokes.bounds(drawn)
            scale = 0.34 / max(right - left, 0.6 * (bottom - top))
            pair += [stroke * scale + [half, 0.5 + rng.normal(0, 0.03)] for stroke in drawn]
        yield with_pen(pair, rng.uniform(8, 16), side)


def over_the_edge(seed: int, count: int) -> Iterator[Sample]:
    for index in range(count):
        rng = np.random.default_rng((seed, index, 7))
        _, drawn = synthetic.digit_strokes(seed + 3000, index)
        beyond = rng.choice([-1, 1]) * rng.uniform(0.3, 0.45)
        centre = (0.5 + beyond, 0.5) if rng.random() < 0.5 else (0.5, 0.5 + beyond)
        yield with_pen(strokes.fitted(drawn, 0.6, centre), rng.uniform(10, 26))
