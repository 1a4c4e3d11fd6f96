"""The lines of the paper: ruling, squares, printed boxes."""

import numpy as np

# Of the strongest ink. The crop goes around what is clearly ink, so that a speck of noise does not widen it.
CLEAR_INK = 0.2


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
