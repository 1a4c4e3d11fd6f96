"""The lines of the paper: ruling, squares, printed boxes."""

import numpy as np

from mnist_core.drawing.ink.boxes import Boxes, find_boxes
from mnist_core.drawing.ink.combs import find_combs, with_combs
from mnist_core.drawing.ink.residue import CLEAR_INK, Cells, rest_of
from mnist_core.drawing.ink.ruling import SURELY_RULED, find_ruling
from mnist_core.drawing.ink.straight import Straight, find_straight

SMALLEST_PAGE = 40  # pixels, the shorter side: a smaller picture is a digit, not a page
FAINT_LINE = 0.1  # of the strongest ink: where no line is clear, fainter ones are looked for


def without_lines(ink: np.ndarray) -> tuple[np.ndarray, Cells] | None:
    """The ink without the paper's lines, and its boxes, as `Page` has them; None where there are no lines."""
    if min(ink.shape) < SMALLEST_PAGE or not ink.any():
        return None
    for least in (CLEAR_INK, FAINT_LINE):
        clear = ink >= least
        level, upright = find_straight(clear), find_straight(np.ascontiguousarray(clear.T))
        boxes = find_boxes(level, upright, ink.shape)
        ruling = find_ruling(ink, level, upright)
        if len(ruling[0]) > 1 and len(ruling[1]) > 1 and not _is_framed(boxes, *ruling):
            boxes = boxes._replace(cells=[])  # squared paper
        elif not _is_sure(*ruling):
            combs = find_combs(clear, [line for line in level if line not in boxes.level])
            if combs.cells:
                boxes, ruling = with_combs(boxes, combs), ([], [])
        across, down = _together(boxes.level, ruling[0]), _together(boxes.upright, ruling[1])
        if across or down:
            return rest_of(ink, across, down, boxes.cells), boxes.cells
    return None


def _is_framed(boxes: Boxes, across: list[Straight], down: list[Straight]) -> bool:
    """Whether all lines that run from edge to edge are sides of boxes: a form cut out along its outer lines."""
    return all(line in boxes.level for line in across) and all(line in boxes.upright for line in down)


def _is_sure(across: list[Straight], down: list[Straight]) -> bool:
    """Whether lines are ruled or squared paper's, and no base line of a comb."""
    return len(across) >= SURELY_RULED or (len(across) > 1 and len(down) > 1)


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
