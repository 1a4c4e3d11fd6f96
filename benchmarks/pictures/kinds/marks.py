"""A number with a mark: its digits, with a word about the mark or the mark itself in its place; or a doubt."""

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.writing import Line, Points

MARKS = ".,-+:/=%$€£¥'^"
LEADING, TRAILING = "-+$€£¥", "%€^"
DOUBTED = "$€£¥'^"  # a doubt is all that is asked for


def case(rng: np.random.Generator, digits: Digits, marks: str = MARKS) -> Case:
    line = Line(rng, round(float(np.exp(rng.uniform(np.log(36), np.log(150))))), rng.uniform(-0.6, 0.4))
    line.slant = rng.choice([0, 0, rng.uniform(-0.1, 0.25)])
    mark = str(rng.choice(list(marks)))
    gap = rng.uniform(0.1, 0.3)
    count = int(rng.integers(1 if mark in LEADING or mark in TRAILING else 2, 6))
    at = int(rng.integers(1, max(2, count)))
    if mark in LEADING and rng.random() < (0.6 if count > 1 else 1.0):
        at = 0
    elif mark in TRAILING:
        at = count
    for place in range(count + 1):
        if place == at:
            drawn, pen = shape(mark, rng)
            line.mark(drawn, mark, rng.uniform(0.12, 0.3), pen)
        if place < count:
            after_mark = place == at
            line.digit(
                digits,
                rng.uniform(0.12, 0.3) if after_mark else gap + rng.uniform(-0.05, 0.08),
                rng.normal(0, 0.03),
                size=rng.uniform(0.9, 1.08),
            )
    return Case(line.picture(), line.text, is_number=True, may_doubt=mark in DOUBTED)


def shape(mark: str, rng: np.random.Generator) -> tuple[list[Points], float]:
    """A mark's strokes, x and y in heights over the base line, and its pen in the line's widths."""
    wide, high, lean = rng.uniform(0.3, 0.6), rng.uniform(0.3, 0.55), rng.uniform(-0.06, 0.06)

    def dot(x: float, y: float) -> Points:
        return [(x, y), (x + rng.uniform(0, 0.04), y + rng.uniform(-0.03, 0.03))]

    def ring(x: float, y: float, r: float) -> Points:
        turn = np.linspace(0, 2 * np.pi * rng.uniform(0.95, 1.05), 16) + rng.uniform(0, 6)
        tall = rng.uniform(0.9, 1.4)
        return list(zip(x + r * np.cos(turn), y + r * tall * np.sin(turn), strict=True))

    middle = rng.uniform(0.4, 0.58)
    if mark == ".":
        return [dot(0, rng.uniform(-0.02, 0.07))], rng.uniform(1, 1.7)
    if mark == ",":
        top = rng.uniform(0.02, 0.12)
        down, left = rng.uniform(0.17, 0.3), rng.uniform(0, 0.12)
        bend = (0.03, top - down / 2) if rng.random() < 0.5 else (-left / 2, top - down / 2)
        return [[(0, top), bend, (-left, top - down)]], rng.uniform(0.8, 1.2)
    if mark == "-":
        return [[(0, middle - lean), (wide, middle + lean)]], rng.uniform(0.8, 1.2)
    if mark == "+":
        return [
            [(0, middle - lean), (wide, middle + lean)],
            [(wide / 2 + lean, middle + high / 2), (wide / 2 - lean, middle - high / 2)],
        ], rng.uniform(0.8, 1.1)
    if mark == ":":
        low = rng.uniform(0.02, 0.2)
        return [dot(0, low), dot(rng.uniform(-0.03, 0.06), low + rng.uniform(0.35, 0.6))], rng.uniform(1, 1.6)
    if mark == "/":
        over, under, across = rng.uniform(0.02, 0.35), rng.uniform(0, 0.3), rng.uniform(0.25, 0.65)
        return [[(0, -under), (across, 1 + over)]], rng.uniform(0.8, 1.2)
    if mark == "=":
        apart = rng.uniform(0.2, 0.32)
        return [
            [(0, middle - apart / 2), (wide, middle - apart / 2 + lean)],
            [(rng.uniform(-0.04, 0.04), middle + apart / 2), (wide, middle + apart / 2 + lean)],
        ], rng.uniform(0.8, 1.1)
    if mark == "%":
        r, far = rng.uniform(0.11, 0.17), rng.uniform(0.55, 0.75)
        return [
            [(0.12, -0.02), (far, 1.02)],
            ring(0.08, 0.78, r),
            ring(far + 0.02, 0.2, r),
        ], rng.uniform(0.6, 0.9)
    if mark == "$":
        s = [
            (0.5, 0.8),
            (0.3, 0.93),
            (0.08, 0.82),
            (0.1, 0.6),
            (0.3, 0.5),
            (0.5, 0.38),
            (0.5, 0.15),
            (0.28, 0.04),
            (0, 0.18),
        ]
        bars = [[(0.29, 1.12), (0.27, -0.14)]]
        if rng.random() < 0.3:
            bars = [[(0.22, 1.12), (0.2, -0.14)], [(0.38, 1.12), (0.36, -0.14)]]
        return [_jittered(s, rng), *bars], rng.uniform(0.6, 0.9)
    if mark == "€":
        c = [(0.62, 0.85), (0.42, 0.98), (0.2, 0.85), (0.12, 0.5), (0.2, 0.14), (0.42, 0.02), (0.62, 0.14)]
        return [_jittered(c, rng), [(0, 0.58), (0.5, 0.6)], [(0, 0.4), (0.46, 0.42)]], rng.uniform(0.6, 0.9)
    if mark == "£":
        f = [(0.56, 0.82), (0.44, 0.97), (0.26, 0.9), (0.22, 0.6), (0.22, 0.25), (0.04, 0.02), (0.3, 0.03), (0.6, 0.06)]
        return [_jittered(f, rng), [(0.04, 0.48), (0.46, 0.5)]], rng.uniform(0.7, 1)
    if mark == "¥":
        return [
            _jittered([(0, 1), (0.3, 0.52)], rng),
            _jittered([(0.6, 1), (0.3, 0.52), (0.3, 0)], rng),
            [(0.06, 0.42), (0.54, 0.43)],
            [(0.06, 0.24), (0.54, 0.25)],
        ], rng.uniform(0.6, 0.9)
    if mark == "'":
        return [[(0.05, 1.05), (0, rng.uniform(0.75, 0.88))]], rng.uniform(0.8, 1.2)
    # A small 2 as an exponent.
    two = [(0.0, 0.98), (0.1, 1.1), (0.22, 1.02), (0.16, 0.86), (0.0, 0.7), (0.26, 0.7)]
    return [_jittered(two, rng, 0.01)], rng.uniform(0.6, 0.9)


def _jittered(points: Points, rng: np.random.Generator, by: float = 0.02) -> Points:
    from mnist_core.drawing import synthetic

    curve = synthetic.spline(np.array(points) + rng.normal(0, by, (len(points), 2)), 0.5)
    return [(float(x), float(y)) for x, y in curve]
