"""Which pixels of a picture are ink: on a canvas, in a scan, on a photograph in uneven light or of ruled paper."""

from typing import NamedTuple

import numpy as np

from mnist_core.drawing.ink.grey import border, to_grey
from mnist_core.drawing.ink.light import ink_in_uneven_light, is_uneven_between_lines
from mnist_core.drawing.ink.lines import without_faint_lines, without_lines

MIN_CONTRAST = 24  # of 255; a picture with less between paper and ink is blank
FAINT_INK = 0.05  # of the strongest ink: only what is fainter is paper, for MNIST has faint grey levels


class Page(NamedTuple):
    """What a picture of paper holds."""

    ink: np.ndarray  # float32 (height, width), 0 paper to 1 the strongest ink, without the paper's lines; all 0: blank
    cells: list[tuple[slice, slice]]  # rows and columns inside each printed box, as they are read; none without boxes
    lined: np.ndarray | None = None  # the ink with the paper's lines, where some were taken away


def find_ink(picture: np.ndarray, is_drawn: bool = False) -> np.ndarray:
    """How much ink each pixel holds: float32 (height, width), 0 paper to 1 the strongest ink; all 0 when blank."""
    return find_page(picture, is_drawn).ink


def find_page(picture: np.ndarray, is_drawn: bool = False) -> Page:
    """The ink of a picture, uint8 (height, width) grey, or (height, width, 3 or 4), and its printed boxes.

    `is_drawn`: the strokes are known, no camera's light is on them, and their lines are none of a paper's.
    """
    grey = to_grey(picture)
    if grey.size == 0:
        return Page(np.zeros(grey.shape, np.float32), [])
    difference = grey - np.median(border(grey))
    ink = even = _ink_in_even_light(difference)
    if is_drawn:
        return Page(without_faint_lines(ink), [])
    # In even light lines first, for squares look like a pattern of light.
    is_uneven = is_uneven_between_lines(difference)
    without = None if is_uneven else without_lines(ink)
    if without is None:
        lit = ink_in_uneven_light(grey, difference)
        if lit is not None:
            ink = lit
        if is_uneven or lit is not None:
            without = without_lines(ink)
        is_blank = not (ink if without is None else without[0]).any()
        # Dense squares were taken for shade, and the digit with them.
        if is_uneven and is_blank and (first := without_lines(even)) is not None:
            ink, without = even, first
    return Page(without_faint_lines(ink), []) if without is None else Page(*without, ink)


def _ink_in_even_light(difference: np.ndarray) -> np.ndarray:
    # Ink is little and far from paper, uneven light is much and near: the third power tells on which side ink lies.
    side = np.sign((difference * difference * difference).sum())  # 300 times as fast as ** 3
    ink = (difference * side).clip(min=0) if side else np.abs(difference)
    strongest = ink.max()
    if strongest < MIN_CONTRAST:
        return np.zeros(difference.shape, np.float32)
    ink /= strongest
    ink[ink < FAINT_INK] = 0
    return ink.astype(np.float32)
