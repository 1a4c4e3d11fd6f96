"""Which pixels of a picture are ink: on a canvas, in a scan, on a photograph in uneven light or of ruled paper."""

import numpy as np

MIN_CONTRAST = 24  # of 255; a picture with less between paper and ink is blank
# Of the strongest ink. The crop goes around what is clearly ink, so that a speck of compression noise does not widen
# it; inside it MNIST's faint grey levels are kept, and only what is fainter than these is paper.
CLEAR_INK, FAINT_INK = 0.2, 0.05
UNEVEN = 24  # grey levels of 255 between the darker and the brighter parts of the border: a photograph's light
FIT_SIDE = 28  # pixels; a smaller picture is no photograph
_ROWS = 100
_LUMA = np.array([77, 150, 29], np.float32) / 256  # ITU-R BT.601 in 256ths: exact in float32, white stays 255


def find_ink(picture: np.ndarray) -> np.ndarray:
    """How much ink each pixel holds: float32 (height, width), 0 paper to 1 the strongest ink; all 0 when blank."""
    grey = to_grey(picture)
    if grey.size == 0:
        return np.zeros(grey.shape, np.float32)
    paper = np.median(_border(grey))
    difference = grey - paper
    if _is_uneven(difference):
        difference -= _light(difference)
    # Ink is little and far from paper, uneven light is much and near: the third power tells on which side ink lies.
    side = np.sign((difference * difference * difference).sum())  # 300 times as fast as ** 3
    ink = (difference * side).clip(min=0) if side else np.abs(difference)
    strongest = ink.max()
    if strongest < MIN_CONTRAST:
        return np.zeros(grey.shape, np.float32)
    ink /= strongest
    ink[ink < FAINT_INK] = 0
    return _without_lines(ink.astype(np.float32))


def _is_uneven(difference: np.ndarray) -> bool:
    """Whether the border is darker here and brighter there, as on a photograph: not all paper."""
    border = _border(difference)
    low, high = np.quantile(border, [0.1, 0.9])
    return bool(high - low > UNEVEN) and min(difference.shape) > FIT_SIDE


def _light(difference: np.ndarray) -> np.ndarray:
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


def _without_lines(ink: np.ndarray) -> np.ndarray:
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


def _border(plane: np.ndarray) -> np.ndarray:
    return np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])


def to_grey(picture: np.ndarray) -> np.ndarray:
    """Brightness, float32 (height, width), in exact 256ths: a negative differs from its positive by no rounding."""
    if picture.ndim == 2:
        return picture.astype(np.float32)
    grey = picture[..., :3].astype(np.float32) @ _LUMA
    if picture.shape[2] == 3 or grey.size == 0:
        return grey
    alpha = picture[..., 3].astype(np.float32) / 255
    return _lay_on_paper(grey, alpha)


def _lay_on_paper(grey: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """What lies behind transparent pixels: the paper that is painted at the border, or else the paint's opposite."""
    painted = _border(alpha) > 0.5
    if painted.mean() > 0.5:
        paper = np.median(_border(grey)[painted])
    else:
        bright = ((grey - 127.5) * alpha).sum() > 0
        paper = np.float32(0 if bright else 255)
    return paper + np.round((grey - paper) * alpha * 256) / 256
