"""What is left of a picture's ink without its lines: the pen's, not the lines' corners and grey edges."""

import numpy as np

from mnist_core.drawing.ink.erase import erase
from mnist_core.drawing.ink.straight import Straight

CLEAR_INK = 0.2  # of the strongest ink. The crop goes around what is clearly ink: a speck of noise does not widen it
CORNER = 0.16  # of a cell's shorter side: in so large a square at a corner what is left is its rounding
MARGIN = 2  # pixels around clear ink that may hold its faint edges
BESIDE = 3  # pixels: so near a line what is left is its edge
SPECK = 0.06  # of the cell's or picture's shorter side: a smaller piece that a line left behind is none of the pen's

Cells = list[tuple[slice, slice]]


def rest_of(ink: np.ndarray, level: list[Straight], upright: list[Straight], cells: Cells) -> np.ndarray:
    """`ink`, float32 (height, width), without the lines; the strongest ink that is left is 1."""
    from scipy import ndimage  # a tenth of a second: only where it is wanted

    rest = ink.copy()
    for line in level:
        erase(rest, line)
    for line in upright:
        erase(rest.T, line)
    pieces, count = ndimage.label(rest >= CLEAR_INK, np.ones((3, 3)))
    if not count:
        return np.zeros_like(ink)
    near = np.zeros(ink.shape, bool)
    sides = [part.stop - part.start for cell in cells for part in cell]
    reach = int(CORNER * min(sides)) + BESIDE if cells else 0
    for line in level:
        _mark(near, line, reach)
    for line in upright:
        _mark(near.T, line, reach)
    least = max(3, SPECK * min([*ink.shape, *sides]))
    far = np.bincount(pieces.ravel(), (~near).ravel(), minlength=count + 1)
    kept = np.zeros(count + 1, bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(pieces), 1):
        longer = max(rows.stop - rows.start, columns.stop - columns.start)
        cut = any(_is_cut(rows, columns, line, ink.shape[0]) for line in level)
        cut = cut or any(_is_cut(columns, rows, line, ink.shape[1]) for line in upright)
        kept[number] = longer >= least and far[number] > 0 and not cut
    own = ndimage.binary_dilation(kept[pieces], np.ones((3, 3)), MARGIN)
    rest[~own] = 0
    strongest = rest.max()
    return rest / strongest if strongest > 0 else rest


def _mark(near: np.ndarray, line: Straight, reach: int) -> None:
    """Where a line lay and what is next to it, and squares of `reach` pixels about its ends."""
    columns = np.arange(max(0, line.start - line.thick - 2), min(near.shape[1], line.end + line.thick + 2))
    middles = np.floor(line.at(columns) + 0.5).astype(np.int64)
    for off in range(-line.thick - BESIDE, line.thick + BESIDE + 1):
        rows = middles + off
        inside = (rows >= 0) & (rows < near.shape[0])
        near[rows[inside], columns[inside]] = True
    if reach:
        for end in (line.start, line.end - 1):
            row = int(np.floor(line.row(end) + 0.5))
            near[max(0, row - reach) : max(0, row + reach + 1), max(0, end - reach) : end + reach + 1] = True


def _is_cut(rows: slice, columns: slice, line: Straight, height: int) -> bool:
    """Whether a piece at the upper or lower edge of the picture is what it shows of one more line like `line`."""
    if rows.start > BESIDE and rows.stop < height - BESIDE:
        return False
    slope = abs(line.slope)
    length = columns.stop - columns.start
    return rows.stop - rows.start <= 2 * line.thick + BESIDE + (slope + 0.01) * length and length > 2 * line.thick
