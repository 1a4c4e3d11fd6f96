"""The lines of the paper: ruling, squares, printed boxes."""

import numpy as np

from mnist_core.drawing.ink.boxes import Boxes, find_boxes, printed
from mnist_core.drawing.ink.erase import erase
from mnist_core.drawing.ink.straight import Straight, find_straight

# Of the strongest ink. The crop goes around what is clearly ink, so that a speck of noise does not widen it.
CLEAR_INK = 0.2
SMALLEST_PAGE = 40  # pixels, the shorter side: a smaller picture is a digit, not a page
EDGE_SHARE = 0.045  # of the picture's side: so near its edge a ruled line ends, the paper's edge may be bent
INSET = 0.03  # of the picture's side: as far from its edges lies a digit that a lone ruled line passes
CORNER = 0.16  # of a box's shorter side: in so large a square at a corner what is left is its rounding
DIGIT_SHARE = 0.15  # of the picture's height: a digit on it is as high, at least
LONE_SLENDER = 25  # times as long as thick is one line alone, at least
MARGIN = 2  # pixels around clear ink that may hold its faint edges
MOST_CELLS = 40  # on ruled paper; more are its squares
SPECK = 0.06  # of the cell's or picture's shorter side: a smaller piece that a line left behind is none of the pen's

Cells = list[tuple[slice, slice]]


def without_lines(ink: np.ndarray) -> tuple[np.ndarray, Cells]:
    """The ink without the paper's lines, and the printed boxes, as in `Page`; the same array where there are none."""
    if min(ink.shape) < SMALLEST_PAGE:
        return without_faint_lines(ink), []
    clear = ink >= CLEAR_INK
    level, upright = find_straight(clear), find_straight(np.ascontiguousarray(clear.T))
    boxes = find_boxes(level, upright, ink.shape)
    ruled = _ruled(ink, level, upright)
    cells = boxes.cells
    if ruled[0] and ruled[1] and not _is_frame(boxes):
        cells = []
    lines = [*boxes.level, *(line for line in ruled[0] if line not in boxes.level)]
    columns = [*boxes.upright, *(line for line in ruled[1] if line not in boxes.upright)]
    if not lines and not columns:
        return without_faint_lines(ink), []
    return _cleaned(_erased(ink, lines, columns), lines, columns, cells), cells


def _erased(ink: np.ndarray, level: list[Straight], upright: list[Straight]) -> np.ndarray:
    rest = ink.copy()
    for line in level:
        erase(rest, line, CLEAR_INK)
    for line in upright:
        erase(rest.T, line, CLEAR_INK)
    return rest


def _ruled(ink: np.ndarray, level: list[Straight], upright: list[Straight]) -> tuple[list[Straight], list[Straight]]:
    """The lines that run from edge to edge of the picture, if they are the paper's and not a digit's that fills it."""
    height, width = ink.shape
    across = [line for line in level if printed(line) and _through(line, height, width)]
    down = [line for line in upright if printed(line) and _through(line, width, height)]
    if len(across) >= 3:
        # Of upright ones beside a ruling any may be its margin's; alone they may be the 1s of a number.
        return across, down
    across = [line for line in across if _ruler(line, width)]
    down = [line for line in down if _ruler(line, height)]
    if not across and not down:
        return [], []
    rest = _erased(ink, across, down) >= CLEAR_INK
    rows, columns = np.flatnonzero(rest.any(1)), np.flatnonzero(rest.any(0))
    if not len(rows):
        return ([], []) if len(across) < 2 or len(down) < 2 else (across, down)
    inset = max(2, INSET * min(height, width))
    inside = rows[0] >= inset and rows[-1] < height - inset and columns[0] >= inset and columns[-1] < width - inset
    if not inside or rows[-1] - rows[0] < DIGIT_SHARE * height:
        return [], []
    if across:
        return across, down
    # Upright ones alone: a margin's lies beside the digit, the stroke of a 4 or of a 1 with a foot in it.
    beside = [line for line in down if not columns[0] - inset <= line.row(line.middle) <= columns[-1] + inset]
    return ([], down) if len(beside) == len(down) else ([], [])


def _through(line: Straight, height: int, width: int) -> bool:
    """Whether both ends of a nearly level line lie at edges of the picture, one of them at the left or right."""
    near = max(3.0, EDGE_SHARE * max(height, width))
    ends = (line.start, width - line.end)
    rows = (line.row(line.start), line.row(line.end - 1))
    if max(ends) <= near:
        return True
    slanting = abs(rows[1] - rows[0]) > near and line.length >= 0.25 * width
    other = rows[0] if ends[0] > near else rows[1]
    return min(ends) <= near and slanting and min(other, height - 1 - other) <= near


def _ruler(line: Straight, width: int) -> bool:
    """Whether one line alone, from the left edge to the right, is as straight as only a ruler draws."""
    near = max(3.0, EDGE_SHARE * width)
    bent = abs(line.fit[2]) * (line.length / 2) * (line.length / 2)
    return (
        max(line.start, width - line.end) <= near
        and line.length >= LONE_SLENDER * line.thick
        and bent <= max(1.0, 0.006 * line.length)
        and line.off <= max(0.6, 0.003 * line.length)
    )


def _is_frame(boxes: Boxes) -> bool:
    return 0 < len(boxes.cells) <= MOST_CELLS


def _cleaned(ink: np.ndarray, level: list[Straight], upright: list[Straight], cells: Cells) -> np.ndarray:
    """Without what the lines left behind: corners, grey edges; the strongest ink that is left is 1."""
    from scipy import ndimage

    pieces, count = ndimage.label(ink >= CLEAR_INK, np.ones((3, 3)))
    if not count:
        return np.zeros_like(ink)
    near = np.zeros(ink.shape, bool)
    for line in level:
        _mark(near, line)
    for line in upright:
        _mark(near.T, line)
    if cells:
        sides = min(line.length for line in (*level, *upright))
        for line in level:
            _mark_corners(near, line, round(CORNER * sides) + 4)
        for line in upright:
            _mark_corners(near.T, line, round(CORNER * sides) + 4)
    side = min([min(ink.shape)] + [min(r.stop - r.start, c.stop - c.start) for r, c in cells])
    far = np.bincount(pieces.ravel(), (~near).ravel(), minlength=count + 1)
    kept = np.zeros(count + 1, bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(pieces), 1):
        longer = max(rows.stop - rows.start, columns.stop - columns.start)
        kept[number] = longer >= max(3, SPECK * side) and far[number] > 0
    own = ndimage.binary_dilation(kept[pieces], np.ones((3, 3)), MARGIN)
    rest = np.where(own, ink, np.float32(0))
    strongest = rest.max()
    return rest / strongest if strongest > 0 else rest


def _mark(near: np.ndarray, line: Straight) -> None:
    """Where a line lay, and what is next to it."""
    columns = np.arange(max(0, line.start - line.thick - 2), min(near.shape[1], line.end + line.thick + 2))
    middles = np.floor(line.at(columns) + 0.5).astype(np.int64)
    for off in range(-line.thick - 3, line.thick + 4):
        rows = middles + off
        inside = (rows >= 0) & (rows < near.shape[0])
        near[rows[inside], columns[inside]] = True


def _mark_corners(near: np.ndarray, line: Straight, reach: int) -> None:
    """The squares about both ends of a line."""
    for end in (line.start, line.end - 1):
        row = int(np.floor(line.row(end) + 0.5))
        near[max(0, row - reach) : max(0, row + reach + 1), max(0, end - reach) : end + reach + 1] = True


def without_faint_lines(ink: np.ndarray) -> np.ndarray:
    """Without the faint ruling of the paper: what runs from edge to edge goes, if the pen's stronger ink does not."""
    if not _runs_across(ink, CLEAR_INK):
        return ink
    levels = ink[ink >= CLEAR_INK]
    dividing = CLEAR_INK + 0.5 * (float(np.quantile(levels, 0.95)) - CLEAR_INK)
    if _runs_across(ink, dividing):
        return ink
    return np.where(ink >= dividing, ink, np.float32(0))


def _runs_across(ink: np.ndarray, threshold: float) -> bool:
    left, right, top, bottom = (bool((e >= threshold).any()) for e in (ink[:, 0], ink[:, -1], ink[0], ink[-1]))
    return (left and right) or (top and bottom)
