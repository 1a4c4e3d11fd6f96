"""Ruled and squared paper: lines that run from edge to edge of the picture."""

import numpy as np

from mnist_core.drawing.ink.boxes import is_ruled, middle_slope, printed
from mnist_core.drawing.ink.residue import rest_of
from mnist_core.drawing.ink.straight import Straight

EDGE_SHARE, EDGE_LEAST = 0.045, 3.0  # of the side, and pixels: so near the picture's edge a line ends on it
INSET, INSET_LEAST = 0.03, 2.0  # of the shorter side, and pixels: a digit lies further inside, where lines are few
ALONG = 0.1  # of the picture's side: so far beyond the digit go few lines at both their ends
DIGIT_SHARE = 0.15  # of the picture's height: a digit on few lines is as high, at least
SURELY_RULED = 3  # level lines from edge to edge; no digit has as many
PARALLEL = 0.03  # difference of slopes
UNDER = (1.15, 0.9)  # times as wide and as high as the digit is a line that was printed below or above it, at least
UNDER_GAP = 6  # pixels between them


def find_ruling(
    ink: np.ndarray, level: list[Straight], upright: list[Straight]
) -> tuple[list[Straight], list[Straight]]:
    """Those of the straight lines of `ink`, float32 (height, width), that are the paper's ruling: level and upright."""
    height, width = ink.shape
    level, upright = ([line for line in lines if printed(line)] for lines in (level, upright))
    across = [line for line in level if _crosses(line, height, width)]
    down = [line for line in upright if _crosses(line, width, height)]
    if len(across) < SURELY_RULED:
        across = [line for line in across if is_ruled(line) and _spans(line, width)]
        down = [line for line in down if is_ruled(line) and _spans(line, height)]
    if not across and not down:
        under = [line for line in level if is_ruled(line) and line.length >= 0.25 * width]
        return (under, []) if len(under) == 1 and _is_under(ink, under[0]) else ([], [])
    slope = middle_slope(across) if across else -middle_slope(down)
    more = (
        [line for line in level if line not in across and _cuts_corner(line, height, width, slope)],
        [line for line in upright if line not in down and _cuts_corner(line, width, height, -slope)],
    )
    if len(across) >= SURELY_RULED or _is_around_a_digit(ink, across + more[0], down + more[1], not across):
        return across + more[0], down + more[1]
    return [], []


def _near(side: int) -> float:
    return max(EDGE_LEAST, EDGE_SHARE * side)


def _spans(line: Straight, width: int) -> bool:
    return max(line.start, width - line.end) <= _near(width)


def _crosses(line: Straight, height: int, width: int) -> bool:
    """Whether a nearly level line goes from the left edge of the picture to the right, or slants out above or below."""
    near = _near(max(height, width))
    ends = (line.start, width - line.end)
    if max(ends) <= near:
        return True
    rows = (line.row(line.start), line.row(line.end - 1))
    slanting = abs(rows[1] - rows[0]) > near and line.length >= 0.25 * width
    other = rows[0] if ends[0] > near else rows[1]
    return min(ends) <= near and slanting and min(other, height - 1 - other) <= near


def _cuts_corner(line: Straight, height: int, width: int, slope: float) -> bool:
    """Whether both its ends lie at edges of the picture and it is parallel to the others."""
    near = _near(max(height, width))
    rows = (line.row(line.start), line.row(line.end - 1))
    if abs(line.slope - slope) > PARALLEL:
        return False
    return all(
        min(end, row, height - 1 - row) <= near for end, row in zip((line.start, width - line.end), rows, strict=True)
    )


def _is_under(ink: np.ndarray, line: Straight) -> bool:
    """Whether a line lies below or above all else, longer than it at both ends, and touches nothing."""
    rest = rest_of(ink, [line], [], []) > 0
    rows, columns = np.flatnonzero(rest.any(1)), np.flatnonzero(rest.any(0))
    if not len(rows):
        return False
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    middles = (line.row(line.start), line.row(line.end - 1))
    gap = max(min(middles) - bottom, top - max(middles)) - line.thick
    long = line.length >= UNDER[0] * (right - left) and line.length >= UNDER[1] * (bottom - top)
    return gap >= UNDER_GAP and long and line.start < left and line.end > right


def _is_around_a_digit(ink: np.ndarray, across: list[Straight], down: list[Straight], beside: bool) -> bool:
    """Whether what is left without the lines stands free of the picture's edges, and (`beside`) the lines beside it.

    A digit that fills its picture reaches its edges. An upright line alone is a margin's beside the digit; in it, it is
    the stroke of a 4. Without anything else two and two lines are squared paper, fewer may be a digit.
    """
    height, width = ink.shape
    rest = rest_of(ink, across, down, []) > 0
    rows, columns = np.flatnonzero(rest.any(1)), np.flatnonzero(rest.any(0))
    if not len(rows):
        return len(across) >= 2 and len(down) >= 2
    inset = max(INSET_LEAST, INSET * min(height, width))
    top, bottom, left, right = int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])
    if min(top, left) < inset or bottom >= height - inset or right >= width - inset:
        return False
    if across and (left < ALONG * width or right >= width - ALONG * width):
        return False
    if down and (top < ALONG * height or bottom >= height - ALONG * height):
        return False
    if bottom - top < DIGIT_SHARE * height:
        return False
    return not beside or all(not left - inset <= line.row(line.middle) <= right + inset for line in down)
