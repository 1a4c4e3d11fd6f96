"""Several digits side by side in one picture, told apart."""

import numpy as np

from mnist_core.drawing.ink import CLEAR_INK, find_ink
from mnist_core.drawing.prepare import Prepared, prepare_ink

SPECK = 0.08  # of the largest piece of ink; a smaller one is no digit of a number
OVERLAP = 0.35  # of the narrower of two pieces' widths: more of it above the other, and they are one digit


def split(picture: np.ndarray) -> list[Prepared]:
    """The digits written side by side in `picture` (as for `prepare`), each prepared, from left to right.

    Pieces of ink that do not touch are one digit where they stand over each other (the bar of a 5), and two where they
    stand side by side. Empty where there is no ink; specks are left out. Each `ink` is that digit's alone.
    """
    return split_ink(find_ink(picture))


def split_ink(ink: np.ndarray) -> list[Prepared]:
    """`split` of what `find_ink` found."""
    from scipy import ndimage  # a tenth of a second: only where it is wanted

    if not ink.any():
        return []
    pieces, count = ndimage.label(ink >= CLEAR_INK, np.ones((3, 3)))
    boxes = ndimage.find_objects(pieces)
    tallest = max(max(box[0].stop - box[0].start, box[1].stop - box[1].start) for box in boxes)
    groups: list[tuple[int, int, list[int]]] = []  # left, right, the pieces' numbers
    for number in sorted(range(count), key=lambda i: boxes[i][1].start):
        rows, columns = boxes[number]
        if max(rows.stop - rows.start, columns.stop - columns.start) < SPECK * tallest:
            continue
        left, right = columns.start, columns.stop
        if groups:
            before, until, members = groups[-1]
            if min(until, right) - left > OVERLAP * min(until - before, right - left):
                groups[-1] = (before, max(until, right), [*members, number + 1])
                continue
        groups.append((left, right, [number + 1]))
    if len(groups) == 1:
        return [digit] if (digit := prepare_ink(ink)) else []
    found = []
    for _, _, members in groups:
        # With the faint ink around it: MNIST's edges are grey.
        own = ndimage.binary_dilation(np.isin(pieces, members), np.ones((3, 3)), 2)
        if digit := prepare_ink(np.where(own, ink, np.float32(0))):
            found.append(digit)
    return found
