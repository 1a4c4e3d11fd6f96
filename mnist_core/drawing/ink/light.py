"""How bright the paper is all over a photograph."""

import numpy as np

from mnist_core.drawing.ink.grey import border

UNEVEN = 24  # grey levels of 255 between the darker and the brighter parts of the border: a photograph's light
FIT_SIDE = 28  # pixels; a smaller picture is no photograph
_ROWS = 100


def is_uneven(difference: np.ndarray) -> bool:
    """Whether the border is darker here and brighter there, as on a photograph: not all paper."""
    rim = border(difference)
    low, high = np.quantile(rim, [0.1, 0.9])
    return bool(high - low > UNEVEN) and min(difference.shape) > FIT_SIDE


def paper_light(difference: np.ndarray) -> np.ndarray:
    """The brightness of the paper all over a photograph: a quadratic surface through what is no ink.

    What lies far from the surface is ink (or a shadow's edge) and is left out of the next fit. A negative gives exactly
    the negated surface.
    """
    height, width = difference.shape
    step = max(1, max(height, width) // 100)
    values = difference[::step, ::step]
    y, x = (np.linspace(-1, 1, n) for n in (height, width))
    columns = _quadratic(y[::step, None] + 0 * x[::step], x[::step] + 0 * y[::step, None]).reshape(-1, 6)
    known = values.ravel().astype(np.float64)
    paper = np.ones(len(known), bool)
    for _ in range(6):
        fit = np.linalg.lstsq(columns[paper], known[paper], rcond=None)[0]
        off = np.abs(known - columns @ fit)
        paper = off <= max(2 * np.median(off), 4)
    light = np.empty_like(difference)
    for row in range(0, height, _ROWS):  # at once it would be 48 bytes a pixel
        part = y[row : row + _ROWS, None]
        light[row : row + _ROWS] = _quadratic(part + 0 * x, x + 0 * part) @ fit
    return light


def _quadratic(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)
