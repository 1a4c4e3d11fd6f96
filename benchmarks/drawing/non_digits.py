"""Drawings that are not one digit, made of strokes: scribbles, letters, dots, blanks, two digits, cut-off digits.

`rejection.py` trains the detector on samples of seed 0 and measures it on samples of another seed, among them kinds of
scribbles (`unknown`) and real pen strokes that it has not been trained on.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.drawing import marks
from mnist_core.drawing import strokes, synthetic
from mnist_core.drawing.prepare import Prepared, prepare
from mnist_core.drawing.strokes import Stroke

SIDE = 308  # pixels, of the canvas


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


def other_scribble(rng: np.random.Generator) -> list[Stroke]:
    """More of them: a signature, shading to and fro, grass, rings, arcs, corners, dots, a square spiral."""
    kind, t = rng.integers(8), np.linspace(0, 1, 60)
    if kind == 0:  # onwards, up and down, back a little now and then
        steps = rng.integers(8, 16)
        x = np.cumsum(rng.uniform(-0.25, 1, steps))
        heights = rng.normal(0, 1, steps) * np.where(rng.random(steps) < 0.25, 2, 0.8)
        return [synthetic.spline(np.stack([x / x.max(), 0.16 * heights], 1), 0.3)]
    if kind == 1:
        turns, angle = int(rng.integers(10, 24)), rng.uniform(0, np.pi)
        along = np.linspace(0, 1, turns) + rng.normal(0, 0.02, turns)
        across = np.where(np.arange(turns) % 2, 1, -1) * rng.uniform(0.25, 0.5, turns)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        return [np.stack([along, across], 1) @ turn]
    if kind == 2:
        feet = np.linspace(0, 1, rng.integers(4, 10))
        return [np.array([(x, 0), (x + rng.normal(0, 0.15), -rng.uniform(0.3, 0.8))]) for x in feet]
    if kind == 3:
        circle = np.stack([np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)], 1)
        return [circle * radius + rng.normal(0, 0.03, 2) for radius in np.linspace(0.15, 0.5, rng.integers(2, 5))]
    if kind == 4:
        arcs = []
        for _ in range(rng.integers(3, 7)):
            start, long = rng.uniform(0, 6.3), rng.uniform(1, 5)
            arc = np.stack([np.cos(start + long * t), np.sin(start + long * t)], 1)
            arcs.append(arc * rng.uniform(0.1, 0.4) + rng.uniform(0, 1, 2))
        return arcs
    if kind == 5:
        return [rng.uniform(0, 1, (rng.integers(7, 16), 2))]
    if kind == 6:
        return [place + np.array([(0, 0), (0.01, 0.01)]) for place in rng.uniform(0, 1, (rng.integers(3, 9), 2))]
    arms = np.arange(1, rng.integers(7, 12))
    way = np.cumsum(np.stack([np.cos(arms * np.pi / 2), np.sin(arms * np.pi / 2)], 1) * arms[:, None] ** 0.9, 0)
    return [way.round(6)]


def lone_line(rng: np.random.Generator) -> list[Stroke]:
    """A line that lies or leans back further than any one does, more or less bent, steady or shaky."""
    lean = np.radians(rng.uniform(-95, -48))  # from upright, clockwise
    along = np.linspace(-0.5, 0.5, rng.integers(3, 6))
    bent = synthetic.spline(np.stack([rng.normal(0, 0.1, len(along)), along], 1), 0.3)
    bent = bent + rng.normal(0, rng.uniform(0, 0.03), bent.shape)
    return [bent @ np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])]


def trembling(rng: np.random.Generator) -> list[Stroke]:
    """A line however it leans, or a bow, drawn by so unsteady a hand that it is no 1: to and fro at each point."""
    points = int(rng.integers(12, 45))
    bow = synthetic.spline(np.stack([rng.normal(0, 0.16, 4), np.linspace(-0.5, 0.5, 4)], 1), 0.3)
    way = bow[np.linspace(0, len(bow) - 1, points).round().astype(int)]
    way = way + rng.normal(0, rng.uniform(0.022, 0.06), way.shape)
    lean = rng.uniform(0, 2 * np.pi)
    return [way @ np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])]


def figure(rng: np.random.Generator) -> list[Stroke]:
    """What is easily drawn and no digit: a spiral, a bolt, a bracket or brace, a cloud, a bow with hooked ends."""
    kind, t = rng.integers(5), np.linspace(0, 1, 90)
    if kind == 0:
        angle = rng.uniform(0, 6.3) + rng.choice([-1, 1]) * t * rng.uniform(4, 8) * np.pi
        radius = (t + rng.uniform(0, 0.15)) ** rng.uniform(0.7, 1.2)
        return [np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)]
    if kind == 1:
        step = rng.uniform(0.15, 0.4)
        bolt = np.array([(0.5, 0), (0, 0.55), (0.2 + step, 0.5 - step / 3), (rng.uniform(-0.1, 0.3), 1)])
        return [bolt + rng.normal(0, 0.04, bolt.shape)]
    if kind == 2:
        deep = rng.uniform(0.22, 0.45) * rng.choice([-1, 1])
        if rng.random() < 0.6:
            return [np.stack([deep * (2 * t - 1) ** 2 + rng.normal(0, 0.02), t], 1)]
        brace = np.array([(1, 0), (0.5, 0.1), (0.5, 0.4), (0, 0.5), (0.5, 0.6), (0.5, 0.9), (1, 1)]) * [deep, 1]
        return [synthetic.spline(brace + rng.normal(0, 0.015, brace.shape), 0.5)]
    if kind == 3:
        angle, lobes = t * 2 * np.pi, int(rng.integers(4, 9))
        radius = 1 + rng.uniform(0.2, 0.5) * np.abs(np.sin(angle * lobes / 2 + rng.uniform(0, 3)))
        return [np.stack([radius * np.cos(angle), rng.uniform(0.5, 0.9) * radius * np.sin(angle)], 1)]
    ends = rng.uniform(-0.6, 0.6, 2)
    bow = np.array([(ends[0], 0), (0.1, -0.1), (0, 0.3), (rng.normal(0, 0.15), 0.7), (0, 1), (ends[1], 1.05)])
    bow = synthetic.spline(bow, 0.4)
    return [bow + rng.normal(0, rng.uniform(0.025, 0.05), bow.shape)]


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
        yield painted(marks.written(marks.LETTERS, rng), rng, side)


def other_marks(seed: int, count: int, side: int = SIDE) -> Iterator[Sample]:
    for index in range(count):
        rng = np.random.default_rng((seed, index, 9))
        yield painted(marks.written(marks.MARKS, rng), rng, side)


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


def pair(seed: int, index: int, rng: np.random.Generator, apart: float = 0.46) -> list[Stroke]:
    """Two digits side by side, their middles so far apart: at 0.46 they rarely touch."""
    both = []
    for place, half in enumerate((0.5 - apart / 2, 0.5 + apart / 2)):
        _, drawn = synthetic.digit_strokes(seed + 2000, 2 * index + place)
        left, top, right, bottom = strokes.bounds(drawn)
        scale = 0.34 / max(right - left, 0.6 * (bottom - top))
        both += [stroke * scale + [half, 0.5 + rng.normal(0, 0.03)] for stroke in drawn]
    return both


def two_digits(seed: int, count: int, side: int = SIDE) -> Iterator[Sample]:
    for index in range(count):
        rng = np.random.default_rng((seed, index, 6))
        yield with_pen(pair(seed, index, rng), rng.uniform(8, 16), side)


def over_the_edge(seed: int, count: int) -> Iterator[Sample]:
    for index in range(count):
        rng = np.random.default_rng((seed, index, 7))
        _, drawn = synthetic.digit_strokes(seed + 3000, index)
        beyond = rng.choice([-1, 1]) * rng.uniform(0.3, 0.45)
        centre = (0.5 + beyond, 0.5) if rng.random() < 0.5 else (0.5, 0.5 + beyond)
        yield with_pen(strokes.fitted(drawn, 0.6, centre), rng.uniform(10, 26))
