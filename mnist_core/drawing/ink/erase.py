"""Lines taken away from ink, the pen's strokes whole where they crossed."""

from collections.abc import Callable

import numpy as np

from mnist_core.drawing.ink.straight import Straight

FADE = 4  # pixels beyond a line's half thickness that may still be grey of it, at most
FAINT = 0.045  # of the strongest ink: what fades below it is paper
LIGHT, DARKER = 0.65, 0.2  # of the strongest ink: on a line that is lighter, what is so much darker is the pen's
REACH = 2  # times the height of what was taken away: so far sideways a stroke may run while it crosses


def erase(ink: np.ndarray, line: Straight) -> None:
    """Take a nearly level line out of `ink`, float32 (height, width), in place.

    What was taken away comes back where it lies between ink above and ink below, straight or slanting: where a stroke
    crossed.
    """
    height, width = ink.shape
    start, end = max(0, line.start - line.thick - 2), min(width, line.end + line.thick + 2)
    columns = np.arange(start, end)
    middles = np.floor(line.at(columns) + 0.5).astype(np.int64)

    def rows_at(off: int) -> np.ndarray:
        """The ink `off` rows below the middle of the line, 0 outside the picture."""
        rows = middles + off
        inside = (rows >= 0) & (rows < height)
        values = np.zeros(len(columns), np.float32)
        values[inside] = ink[rows[inside], columns[inside]]
        return values

    up, down = (_reach(rows_at, line.thick, sign) for sign in (-1, 1))
    offs = list(range(-up, down + 1))
    before = [rows_at(off) for off in offs]
    above, below = np.maximum(rows_at(-up - 1), 0), rows_at(down + 1)
    level = float(np.median(np.max(before, axis=0)))
    n = len(offs)
    far = REACH * n
    for place, (off, own) in enumerate(zip(offs, before, strict=True)):
        kept = np.zeros(len(columns), np.float32)
        for slant in range(-far, far + 1):
            # The stroke comes from `slant` columns further left above to here and on below.
            first = int(np.floor(slant * (place + 1) / (n + 1) + 0.5))
            np.maximum(kept, np.minimum(_moved(above, first), _moved(below, first - slant)), out=kept)
        kept = np.minimum(kept, own)
        if level < LIGHT:  # the pen is darker than the line, and seen on it
            kept = np.where(own > level + np.float32(DARKER), own, kept)
        rows = middles + off
        inside = (rows >= 0) & (rows < height)
        ink[rows[inside], columns[inside]] = kept[inside]


def _reach(rows_at: Callable[[int], np.ndarray], thick: int, sign: int) -> int:
    """How far the line's grey reaches above (-1) or below (1) its middle: pixels."""
    least = thick // 2
    for off in range(least + 1, least + 1 + FADE):
        if float(np.median(rows_at(sign * off))) < FAINT:
            return max(off - 1, least + 1)
    return least + FADE


def _moved(values: np.ndarray, by: int) -> np.ndarray:
    """`values` moved to the right by so many places, 0 where none were."""
    if by == 0:
        return values
    moved = np.zeros_like(values)
    if abs(by) < len(values):
        if by > 0:
            moved[by:] = values[:-by]
        else:
            moved[:by] = values[-by:]
    return moved
