"""A number with letters beside it: "12 kg", "No. 5", "A4". Only a doubt is right."""

import numpy as np

from benchmarks.drawing import marks
from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.writing import Line

LETTERS = 0.75  # heights of the line, of a small letter


def case(rng: np.random.Generator, digits: Digits) -> Case:
    line = Line(rng, round(float(np.exp(rng.uniform(np.log(40), np.log(140))))), rng.uniform(-0.6, 0.3))
    before = bool(rng.random() < 0.4)
    gap = rng.uniform(0.12, 0.3)

    def word() -> None:
        for _ in range(int(rng.choice([1, 2, 3, 4]))):
            size = rng.uniform(LETTERS, 1.05)
            ways = [way * [size, -size] for way in marks.written(marks.LETTERS, rng)]
            low = min(way[:, 1].min() for way in ways)
            line.mark([[(x, y - low) for x, y in way] for way in ways], "", rng.uniform(0.12, 0.25))

    if before:
        word()
    for _ in range(int(rng.integers(1, 5))):
        line.digit(digits, gap + rng.uniform(-0.04, 0.08), rng.normal(0, 0.03), size=rng.uniform(0.9, 1.08))
    if not before:
        word()
    return Case(line.picture(), "", is_number=True, may_doubt=True)
