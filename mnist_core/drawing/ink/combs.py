"""Combs: a base line with short upright ticks at even distances, and a digit between each two."""

from itertools import pairwise

import numpy as np

from mnist_core.drawing.ink.boxes import Boxes, in_reading_order, is_ruled
from mnist_core.drawing.ink.straight import Straight

SHORTEST_TICK = 4  # pixels above the base line
EVEN = 0.09  # of the distance between ticks: as far off its place a tick stands, at most
AS_HIGH = (0.6, 1.5)  # of the median tick: another's height
PRESENT = 0.75  # of the places for ticks where one stands; the rest are hidden by digits
SURELY = 4  # cells; of fewer each tick must stand there
FEWEST, MOST = 2, 40  # cells
NARROWEST = 10  # pixels, a cell
HIGHEST = 1.7  # of a cell's width: it ends so far above the base line, or where another comb does


def find_combs(clear: np.ndarray, level: list[Straight]) -> Boxes:
    """The combs among the level lines of `clear`, bool (height, width), which are no sides of boxes."""
    bases = [base for base in level if is_ruled(base) and base.length >= FEWEST * NARROWEST]
    found = [(base, ticks) for base in bases if (ticks := _ticks(clear, base))]
    cells = []
    for base, ticks in found:
        for left, right in pairwise(ticks):
            wide = right.row(right.end) - left.row(left.end)
            bottom = base.row(int(left.row(left.end) + wide / 2)) - base.thick / 2
            top = max(0, int(bottom - HIGHEST * wide), *(_below(other, left, right, bottom) for other, _ in found))
            columns = slice(int(left.row(left.end)) + 1, int(right.row(right.end)))
            cells.append((slice(top, int(bottom)), columns))
    return Boxes([base for base, _ in found], [tick for _, ticks in found for tick in ticks], in_reading_order(cells))


def with_combs(boxes: Boxes, combs: Boxes) -> Boxes:
    """Both; all cells in reading order."""
    cells = in_reading_order([*boxes.cells, *combs.cells])
    return Boxes(boxes.level + combs.level, boxes.upright + combs.upright, cells)


def _below(other: Straight, left: Straight, right: Straight, bottom: float) -> int:
    """The row below another comb's base line, where that lies above this cell; else 0."""
    middle = int((left.row(left.end) + right.row(right.end)) / 2)
    row = other.row(middle) + other.thick
    return int(row) + 1 if other.start <= middle < other.end and row < bottom - other.thick else 0


def _ticks(clear: np.ndarray, base: Straight) -> list[Straight]:
    """The ticks on a base line from its first end to its last, at even distances; none where it is no comb."""
    columns = np.arange(base.start, base.end)
    rows = np.floor(base.at(columns) + 0.5).astype(np.int64) - (base.thick // 2 + 2)
    heights = np.zeros(len(columns), np.int64)
    standing = np.ones(len(columns), bool)
    for _ in range(int(base.length / FEWEST)):
        standing &= (rows >= 0) & clear[np.maximum(rows, 0), columns]
        if not standing.any():
            break
        heights += standing
        rows = rows - 1
    groups = _groups(heights, base)
    if len(groups) < FEWEST + 1:
        return []
    first, last = groups[0], groups[-1]
    near = base.thick + 3
    if first[0] > near or last[0] < base.length - 1 - near:
        return []
    typical = sorted(group[1] for group in groups)[len(groups) // 2]
    groups = [g for g in groups if AS_HIGH[0] * typical <= g[1] <= AS_HIGH[1] * typical]
    for count in range(min(MOST, int((last[0] - first[0]) / NARROWEST)), FEWEST - 1, -1):
        pitch = (last[0] - first[0]) / count
        places = [first[0] + k * pitch for k in range(count + 1)]
        there = sum(any(abs(group[0] - place) <= EVEN * pitch + 1 for group in groups) for place in places)
        stray = sum(all(abs(group[0] - place) > EVEN * pitch + 1 for place in places) for group in groups)
        if (
            there >= (PRESENT if count >= SURELY else 1) * (count + 1)
            and there >= FEWEST + 1
            and stray <= max(1, count // 3)
            and typical < 2 * pitch
        ):
            return [_tick(base, base.start + place, typical) for place in places]
    return []


def _groups(heights: np.ndarray, base: Straight) -> list[tuple[float, int]]:
    """Narrow stretches of columns on which something stands: their middles from the base's start, and their heights."""
    tall = np.flatnonzero(heights >= max(SHORTEST_TICK, base.thick))
    if not len(tall):
        return []
    cuts = np.flatnonzero(np.diff(tall) > 1)
    return [
        ((float(start) + float(end)) / 2, int(heights[start : end + 1].max()))
        for start, end in zip(tall[np.r_[0, cuts + 1]], tall[np.r_[cuts, len(tall) - 1]], strict=True)
        if end - start < 2 * base.thick + 2
    ]


def _tick(base: Straight, column: float, high: int) -> Straight:
    """The tick that stands on the base line there, at right angles to it."""
    foot = int(np.floor(base.row(int(column)) + 0.5))
    start = max(0, foot - high - base.thick // 2 - 3)
    return Straight(start, foot + 1, (column, -base.slope, 0.0), foot, base.thick, 0.0, 1.0)
