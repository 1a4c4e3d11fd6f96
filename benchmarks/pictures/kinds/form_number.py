"""A form's printed cells with a digit in each, now and then an empty one, which is to be named."""

import numpy as np

from benchmarks.pictures.ageing import aged, on_paper
from benchmarks.pictures.case import Case, Digits, lay
from benchmarks.pictures.writing import reweighted


def case(rng: np.random.Generator, digits: Digits) -> Case:
    count = int(rng.integers(2, 10))
    high = int(rng.integers(44, 130))
    wide, pen = round(high * rng.uniform(0.75, 1.1)), max(1, round(high * rng.uniform(0.015, 0.05)))
    gap = 0 if rng.random() < 0.5 else round(high * rng.uniform(0.08, 0.3))  # cells that share their lines, or not
    margin = [round(high * rng.uniform(0.2, 0.8)) for _ in range(4)]
    ink = np.zeros((high + margin[0] + margin[1], count * (wide + gap) + margin[2] + margin[3] + pen), np.float32)
    weight, strength = rng.uniform(-0.6, 0.4), rng.uniform(0.5, 1.0)
    wanted, empty = "", False
    for number in range(count):
        top, left = margin[0], margin[2] + number * (wide + gap)
        for rows, columns in (
            (slice(top, top + pen), slice(left, left + wide + pen)),
            (slice(top + high - pen, top + high), slice(left, left + wide + pen)),
            (slice(top, top + high), slice(left, left + pen)),
            (slice(top, top + high), slice(left + wide, left + wide + pen)),
        ):
            ink[rows, columns] = np.maximum(ink[rows, columns], strength)
        if rng.random() < 0.06:
            empty = True
            continue
        part, label = digits.draw(rng, round(high * rng.uniform(0.45, 0.75)))
        part = reweighted(part, weight, part.shape[0])
        free_rows, free_columns = high - pen - part.shape[0], wide - part.shape[1]
        lay(
            ink,
            part,
            top + pen // 2 + round(free_rows * rng.uniform(0.25, 0.75)),
            left + pen // 2 + round(free_columns * rng.uniform(0.2, 0.8)),
        )
        wanted += str(label)
    grey = on_paper(ink, pen=rng.uniform(15, 100), paper=rng.uniform(190, 250))
    return Case(aged(grey, rng, rng.uniform(0, 1)), wanted, is_number=True, is_told_of=empty)
