"""Several digits side by side in one picture, told apart."""

import numpy as np

from mnist_core.drawing.ink.find import find_ink
from mnist_core.drawing.ink.lines import CLEAR_INK
from mnist_core.drawing.prepare import Prepared, prepare_ink
from mnist_core.errors import RequestError

SPECK = 0.08  # of the largest piece of ink; a smaller one is no digit of a number
EDGE = 2  # pixels around its clear ink that may hold a digit's faint ink
OVERLAP = 0.35  # of the narrower of two pieces' widths: more of it above the other, and they are one digit


MOST_PIECES = 2000  # of ink that are no specks; a number has some dozens, a raster a million
MOST_DIGITS = 24
_TOO_MANY = f"There are more than {MOST_DIGITS} pieces of ink side by side: give one number on plain paper."


def split(picture: np.ndarray) -> list[Prepared]:
    """The digits written side by side in `picture` (as for `prepare`), each prepared, from left to right.

    Pieces of ink that do not touch are one digit where they stand over each other (the bar of a 5), and two where they
    stand side by side. Empty where there is no ink; specks are left out. Each `ink` is that digit's alone.

    Raises RequestError where there are more than `MOST_DIGITS`: it is no number, and each takes its time.
    """
    return split_ink(find_ink(picture))


def split_ink(ink: np.ndarray) -> list[Prepared]:
    """`split` of what `find_ink` found."""
    groups = find_digits(ink)
    if len(groups) == 1:
        return [digit] if (digit := prepare_ink(ink)) else []
    found = []
    for box, own in groups:
        alone = np.zeros_like(ink)
        alone[box] = np.where(own, ink[box], np.float32(0))
        if digit := prepare_ink(alone):
            found.append(digit)
    return found


def find_digits(ink: np.ndarray) -> list[tuple[tuple[slice, slice], np.ndarray]]:
    """For each digit side by side in `ink`, from left to right: its rows and columns, and which pixels there are its.

    Raises RequestError as `split`.
    """
    from scipy import ndimage  # a tenth of a second: only where it is wanted

    if not ink.any():
        return []
    pieces, count = ndimage.label(ink >= CLEAR_INK, np.ones((3, 3)))
    boxes = _boxes(pieces, count)  # (count, 4): top, bottom, left, right
    sides = np.maximum(boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2])
    kept = np.flatnonzero(sides >= SPECK * sides.max())
    if len(kept) > MOST_PIECES:
        raise RequestError(_TOO_MANY)
    groups: list[tuple[int, int, list[int]]] = []  # left, right, the pieces
    for piece in kept[np.argsort(boxes[kept, 2], kind="stable")]:
        left, right = boxes[piece, 2:]
        if groups:
            before, until, members = groups[-1]
            if min(until, right) - left > OVERLAP * min(until - before, right - left):
                groups[-1] = (before, max(until, right), [*members, piece])
                continue
        groups.append((left, right, [piece]))
    if len(groups) > MOST_DIGITS:
        raise RequestError(_TOO_MANY)
    found = []
    for _, _, members in groups:
        (top, left), (bottom, right) = boxes[members][:, [0, 2]].min(0), boxes[members][:, [1, 3]].max(0)
        box = (slice(max(0, top - EDGE), bottom + EDGE), slice(max(0, left - EDGE), right + EDGE))
        # With the faint ink around it: MNIST's edges are grey.
        own = ndimage.binary_dilation(np.isin(pieces[box], np.add(members, 1)), np.ones((3, 3)), EDGE)
        found.append((box, own))
    return found


def _boxes(pieces: np.ndarray, count: int) -> np.ndarray:
    """Of each of `count` labelled pieces: top, bottom, left, right; int (count, 4), the ends exclusive.

    (`ndimage.find_objects` makes two slices for each: 3 GB for the million pieces of a raster.)
    """
    rows, columns = np.nonzero(pieces)
    labels = pieces[rows, columns] - 1
    found = np.empty((count, 4), np.int64)
    for place, values in ((0, rows), (2, columns)):
        found[:, place], found[:, place + 1] = pieces.size, 0
        np.minimum.at(found[:, place], labels, values)
        np.maximum.at(found[:, place + 1], labels, values + 1)
    return found
