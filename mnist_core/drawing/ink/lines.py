"""The lines of the paper: ruling, squares, printed boxes."""

import numpy as np

from mnist_core.drawing.ink.boxes import Boxes, find_boxes
from mnist_core.drawing.ink.combs import find_combs, with_combs
from mnist_core.drawing.ink.residue import CLEAR_INK, Cells, rest_of
from mnist_core.drawing.ink.ruling import SURELY_RULED, find_ruling
from mnist_core.drawing.ink.straight import Straight, find_straight

SMALLEST_PAGE = 40  # pixels, the shorter side: a smaller picture is a digit, not a page
FAINT_LINE = 0.1  # of the strongest ink: where no line is clear, or cells are, fainter ones are looked for


def without_lines(ink: np.ndarray) -> tuple[np.ndarray, Cells] | None:
    """The ink without the paper's lines, and its boxes, as `Page` has them; None where there are no lines."""
    if min(ink.shape) < SMALLEST_PAGE or not ink.any():
        return None
    found = _lines_at(ink, CLEAR_INK)
    if found.cells or not (found.level or found.upright):
        # Where thin lines fall between two rows of pixels they are fainter, and fall to pieces.
        fainter = _lines_at(ink, FAINT_LINE)
        if len(fainter.cells) > len(found.cells) or not (found.level or found.upright):
            found = fainter
    if not found.level and not found.upright:
        return None
    return rest_of(ink, *found), found.cells


def _lines_at(ink: np.ndarray, least: float) -> Boxes:
    """The paper's lines and cells, seen in what is at least so strong."""
    clear = ink >= least
    level, upright = find_straight(clear), find_straight(np.ascontiguousarray(clear.T))
    boxes = find_boxes(level, upright, ink.shape)
    across, down = find_ruling(ink, level, upright)
    if len(across) > 1 and len(down) > 1:
        if not _is_framed(boxes, across, down):
            boxes = boxes._replace(cells=[])  # squared paper
    elif len(across) < SURELY_RULED:
        combs = find_combs(clear, [line for line in level if line not in boxes.level])
        if combs.cells:
            return with_combs(boxes, combs)
    return Boxes(_together(boxes.level, across), _together(boxes.upright, down), boxes.cells)


def _is_framed(boxes: Boxes, across: list[Straight], down: list[Straight]) -> bool:
    """Whether all lines that run from edge to edge are sides of boxes: a form cut out along its outer lines."""
    return all(line in boxes.level for line in across) and all(line in boxes.upright for line in down)


def _together(one: list[Straight], other: list[Straight]) -> list[Straight]:
    return [*one, *(line for line in other if line not in one)]


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
