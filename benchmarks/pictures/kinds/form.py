"""A number in the cells of a form: joined, apart, in groups as a date is, or on a comb; some cells are empty."""

from typing import NamedTuple

import numpy as np

from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.printed import Line, draw_lines, photographed, place, written

Box = tuple[float, float, float, float]  # left, top, right, bottom


class Form(NamedTuple):
    """A form that was filled in."""

    picture: np.ndarray  # uint8 (height, width)
    boxes: list[Box]  # of each cell, in reading order
    written: list[str]  # of each cell, its digit or ""


def filled_in(rng: np.random.Generator, digits: Digits, kind: str | None = None) -> Form:
    """A form of one `kind`: joined, apart, date, comb, rows."""
    kind = kind or str(rng.choice(["joined", "apart", "date", "comb", "rows"]))
    high = rng.uniform(28, 130)
    wide = high * rng.uniform(0.65, 1.2)
    thick = max(1.0, high * rng.uniform(0.015, 0.045))
    outer = thick * (rng.uniform(1.5, 2) if kind in ("joined", "rows") and rng.random() < 0.3 else 1)
    margin = max(8, high * rng.uniform(0.15, 0.5))
    apart = rng.uniform(0.12, 0.4) * wide
    if kind == "date":
        gaps = [0.0, 0, apart, 0, apart, 0, 0, 0]
    else:
        gaps = [0.0] + [apart if kind == "apart" else 0.0] * int(rng.integers(2, 8))
    rows = int(rng.integers(2, 4)) if kind == "rows" else 1
    lefts = margin + np.cumsum(gaps) + wide * np.arange(len(gaps))
    boxes = [(x, margin + row * high, x + wide, margin + (row + 1) * high) for row in range(rows) for x in lefts]
    shape = round(2 * margin + rows * high), round(lefts[-1] + wide + margin)
    tick = high * rng.uniform(0.25, 0.5)
    lines: list[Line] = []
    for left, top, right, bottom in boxes:
        lines.append((left - thick / 2, bottom, right + thick / 2, bottom, thick))
        lines += [(x, bottom - tick if kind == "comb" else top, x, bottom, thick) for x in (left, right)]
        if kind != "comb":
            lines.append((left - thick / 2, top, right + thick / 2, top, thick))
    if outer > thick:
        left, right = boxes[0][0] - outer / 2, boxes[-1][2] + outer / 2
        lines += [(left, y, right, y, outer) for y in (boxes[0][1], boxes[-1][3])]
        lines += [(x, boxes[0][1], x, boxes[-1][3], outer) for x in (left + outer / 2, right - outer / 2)]
    tilt = float(rng.choice([0, rng.uniform(-1, 1) * min(3, np.degrees(margin / shape[1]))]))
    pen = np.zeros(shape, np.float32)
    found = []
    for left, top, _, _ in boxes:
        if rng.random() < 0.12:
            found.append("")
            continue
        part, label = written(rng, digits, round(high * rng.uniform(0.45, 0.8)))
        if part.shape[1] > 0.85 * wide:
            part, label = written(rng, digits, round(high * 0.45))
        down, across = rng.uniform(0.3, 0.7, 2)
        x, y = left + (wide - part.shape[1]) * across, top + (high - part.shape[0]) * down
        y += np.radians(tilt) * (x + part.shape[1] / 2 - shape[1] / 2)
        x -= np.radians(tilt) * (y + part.shape[0] / 2 - shape[0] / 2)
        place(rng, pen, part, y, x)
        found.append(str(label))
    return Form(photographed(rng, draw_lines(shape, lines, tilt), pen), boxes, found)


def case(rng: np.random.Generator, digits: Digits) -> Case:
    form = filled_in(rng, digits)
    return Case(form.picture, "".join(form.written), is_number=True, is_told_of="" in form.written)
