"""What tells print from handwriting: strokes as straight and as even as a ruler's."""

import numpy as np

from mnist_core.drawing.number.pieces import Piece

EDGE = 2  # pixels beside a stroke that may hold its grey edge
ENDS = 0.12  # of a stroke's height at each end are not looked at: they are cut off level, or not
# Standard deviation of a stroke's middle from a straight line, in its heights, and of its width, in widths: lower is
# ruled. Of 217 strokes of slashes, bars and I in 20 fonts, photographed, 98 of 100 are below 0.0034 and 95 below 0.055.
# Of MNIST's 280 leaning 1s, at one, two and four times their size, 1, 2 and 2 are; up to 0.0038 and 0.075 5, 11 and 10.
STRAIGHT, EVEN = 0.0034, 0.06
ROUNDED = (0.25, 0.5)  # pixels: what whole pixels, without grey edges, add to both


def is_ruled(ink: np.ndarray, labels: np.ndarray, piece: Piece) -> bool:
    """Whether a piece is one stroke as straight and even as a ruler's: no hand draws so, but a font its slash."""
    from scipy import ndimage

    box = (slice(piece.top, piece.bottom), slice(max(0, piece.left - EDGE), piece.right + EDGE))
    own = labels[box] == piece.label
    near = ndimage.binary_dilation(own, np.ones((1, 3)), EDGE) & (own | (labels[box] == 0))
    return is_ruled_stroke(ink[box] * near)


def is_ruled_stroke(ink: np.ndarray) -> bool:
    """As `is_ruled`, for ink, float (rows, columns), that is cut off above and below. Flat strokes are none."""
    high = len(ink)
    rows = ink[round(ENDS * high) : round((1 - ENDS) * high)]
    wide = rows.sum(1)
    if len(rows) < 4 or not wide.all():
        return False
    columns = np.arange(ink.shape[1])
    middles = (rows * columns).sum(1) / wide
    spread = np.sqrt((rows * (columns - middles[:, None]) ** 2).sum(1) / wide)
    if (spread > 0.4 * wide + 1).any():  # two strokes side by side
        return False
    at = np.arange(len(rows))
    off = float(np.sqrt(np.mean((middles - np.polyval(np.polyfit(at, middles, 1), at)) ** 2)))
    has_grey_edges = bool(((rows > 0.1) & (rows < 0.9)).any())
    most_off, most_uneven = (0.0, 0.0) if has_grey_edges else ROUNDED
    is_straight = off < np.hypot(STRAIGHT * high, most_off)
    return bool(is_straight and wide.std() < np.hypot(EVEN * wide.mean(), most_uneven))
