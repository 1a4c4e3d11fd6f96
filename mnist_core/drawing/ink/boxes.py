"""Printed boxes: lines that meet, and the paper that they enclose."""

from typing import NamedTuple

import numpy as np

from mnist_core.drawing.ink.straight import Straight

MEETING = 0.16  # of the shorter of two lines: as near one ends to the other, for corners are rounded
MOST_SLENDER = 7  # times as long as thick is a printed line, at least
STRAIGHT = (
    0.012  # of its length: as far a printed line's runs lie from it, in the mean; in pixels at least STRAIGHT_LEAST
)
STRAIGHT_LEAST = 0.75
AS_THICK = 2  # times: a side is no thicker than those on which it ends, but for a pixel: two boxes share it
SQUARE = 0.08  # of slopes: as far a box's sides are from parallel or upright to each other
COVERED = 0.45  # of a side's length: where nothing thick crosses it or lies on it, at least
FILLED = 0.8  # of the smallest upright rectangle around a cell, at least
NARROWEST = 0.35  # of the highest cell's height and the widest one's width; a slit in a double frame is less
SMALLEST = 10  # pixels, a cell's sides
# One line alone, or two, may be a digit's: a ruler's is more slender and straight.
RULED_SLENDER = 25  # times as long as thick
RULED_BENT, RULED_BENT_LEAST = 0.006, 1.0  # of its length, and pixels: its sagitta, at most
RULED_OFF, RULED_OFF_LEAST = 0.003, 0.6  # of its length, and pixels: the mean distance of its runs, at most


class Boxes(NamedTuple):
    """The lines that meet, and what they enclose."""

    level: list[Straight]
    upright: list[Straight]  # of the transposed picture
    cells: list[tuple[slice, slice]]  # in reading order


def printed(line: Straight) -> bool:
    """Whether a line is as straight and thin as print."""
    return line.length >= MOST_SLENDER * line.thick and line.off <= max(STRAIGHT_LEAST, STRAIGHT * line.length)


def middle_slope(lines: list[Straight]) -> float:
    """The median of some lines' slopes."""
    return sorted(line.slope for line in lines)[len(lines) // 2]


def _is_side(line: Straight) -> bool:
    return printed(line) and line.covered >= COVERED


def is_ruled(line: Straight) -> bool:
    """Whether it is as slender and straight as only a ruler draws."""
    bent = abs(line.fit[2]) * (line.length / 2) * (line.length / 2)
    return (
        line.length >= RULED_SLENDER * line.thick
        and bent <= max(RULED_BENT_LEAST, RULED_BENT * line.length)
        and line.off <= max(RULED_OFF_LEAST, RULED_OFF * line.length)
    )


def meets(line: Straight, end: int, other: Straight) -> bool:
    """Whether `line` at column `end` meets `other`, a line of the transposed picture: on the way, or at a corner."""
    if line.thick > AS_THICK * other.thick + 1:
        return False
    near = 2.5 + other.thick / 2
    corner = near + line.thick + MEETING * min(line.length, other.length)
    row = line.row(end)
    if row < other.start - corner or row >= other.end + corner:
        return False
    if row >= other.start + corner and row < other.end - corner:
        corner = near
    return abs(other.row(int(np.floor(row + 0.5))) - end) <= corner


def find_boxes(level: list[Straight], upright: list[Straight], shape: tuple[int, int]) -> Boxes:
    """Of the straight lines of a picture (height, width) those that are sides of boxes.

    A side ends at both ends on sides that run the other way; the ends of a handwritten line hang in the air.
    """
    sides = ([line for line in level if _is_side(line)], [line for line in upright if _is_side(line)])
    if not sides[0] or not sides[1]:
        return Boxes([], [], [])
    slope = middle_slope(sides[0])
    sides = (
        [line for line in sides[0] if abs(line.slope - slope) <= SQUARE],
        [line for line in sides[1] if abs(line.slope + slope) <= SQUARE],
    )
    while True:
        kept = tuple(
            [
                line
                for line in ours
                if all(any(meets(line, end, o) for o in others) for end in (line.start, line.end - 1))
            ]
            for ours, others in (sides, sides[::-1])
        )
        if len(kept[0]) < 2 or len(kept[1]) < 2:
            return Boxes([], [], [])
        if (len(kept[0]), len(kept[1])) == (len(sides[0]), len(sides[1])):
            break
        sides = (kept[0], kept[1])
    return _enclosed(*sides, shape)


def _enclosed(level: list[Straight], upright: list[Straight], shape: tuple[int, int]) -> Boxes:
    """The cells, and the lines along them."""
    from scipy import ndimage

    numbers = np.zeros(shape, np.int64)  # 0 paper, else which line, and one
    for number, line in enumerate(level):
        _draw(numbers, line, upright, number + 1)
    for number, line in enumerate(upright):
        _draw(numbers.T, line, level, len(level) + number + 1)
    regions, count = ndimage.label(numbers == 0)
    if not count:
        return Boxes([], [], [])
    sizes = np.bincount(regions.ravel(), minlength=count + 1)
    found: list[tuple[int, slice, slice]] = []
    slits: list[tuple[int, slice, slice]] = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(regions), 1):
        high, wide = rows.stop - rows.start, columns.stop - columns.start
        on_edge = rows.start == 0 or columns.start == 0 or rows.stop == shape[0] or columns.stop == shape[1]
        is_cell = min(high, wide) >= SMALLEST and sizes[number] >= FILLED * high * wide
        if not on_edge:
            (found if is_cell else slits).append((number, rows, columns))
    if not found:
        return Boxes([], [], [])
    highest = max(rows.stop - rows.start for _, rows, _ in found)
    widest = max(columns.stop - columns.start for *_, columns in found)
    cells = [
        (rows, columns)
        for _, rows, columns in found
        if rows.stop - rows.start >= NARROWEST * highest and columns.stop - columns.start >= NARROWEST * widest
    ]
    # A line that borders on a cell is a box's, and so is one of a double frame: on a slit beside a cell.
    enclosed = np.isin(regions, [n for n, _, _ in (*found, *slits)])
    own = set(np.unique(numbers[ndimage.binary_dilation(enclosed, np.ones((3, 3)))]))
    return Boxes(
        [line for number, line in enumerate(level) if number + 1 in own],
        [line for number, line in enumerate(upright) if len(level) + number + 1 in own],
        in_reading_order(cells),
    )


def _draw(numbers: np.ndarray, line: Straight, others: list[Straight], number: int) -> None:
    """The line, as thick as it is, and on to where others meet it."""
    ends = [line.start, line.end - 1]
    for k, end in enumerate(tuple(ends)):
        at = [other.row(int(np.floor(line.row(end) + 0.5))) for other in others if meets(line, end, other)]
        if at:
            ends[k] = int(np.floor(min(at, key=lambda place: abs(place - end)) + 0.5))
    start, end = max(0, min(line.start, ends[0])), min(numbers.shape[1], max(line.end, ends[1] + 1))
    columns = np.arange(start, end)
    rows = np.floor(line.at(columns) - line.thick / 2 + 0.5).astype(np.int64)
    for _ in range(line.thick + 1):
        inside = (rows >= 0) & (rows < numbers.shape[0])
        numbers[rows[inside], columns[inside]] = number
        rows = rows + 1


def in_reading_order(cells: list[tuple[slice, slice]]) -> list[tuple[slice, slice]]:
    """Row by row from the top, each from left to right."""
    waiting = sorted(cells, key=lambda cell: (cell[0].start + cell[0].stop, cell[1].start))
    ordered: list[tuple[slice, slice]] = []
    while waiting:
        # In a tilted row the leftmost cells lie higher or lower: go along it, from neighbour to neighbour.
        row = [waiting.pop(0)]
        grown = True
        while grown:
            grown = False
            for cell in list(waiting):
                if any(_beside(cell, other) for other in row):
                    waiting.remove(cell)
                    row.append(cell)
                    grown = True
        ordered += sorted(row, key=lambda cell: cell[1].start)
    return ordered


def _beside(one: tuple[slice, slice], other: tuple[slice, slice]) -> bool:
    """Whether they stand side by side: most of their heights together, not far apart."""
    together = min(one[0].stop, other[0].stop) - max(one[0].start, other[0].start)
    apart = max(one[1].start, other[1].start) - min(one[1].stop, other[1].stop)
    high = min(one[0].stop - one[0].start, other[0].stop - other[0].start)
    wide = max(one[1].stop - one[1].start, other[1].stop - other[1].start)
    return together > 0.5 * high and apart < 2 * wide
