"""A digit of a number with an even pen: which strokes are its, and these painted anew."""

from itertools import pairwise

import numpy as np

from mnist_core.drawing.ink.find import find_ink
from mnist_core.drawing.prepare import prepare_ink
from mnist_core.drawing.strokes import Drawn, Stroke, evened

OWN = 0.9  # of a stroke lies in its digit; one that runs through two digits is left as it is painted
ALIEN = 0.1
STEP = 1.0  # pixels between the places of a stroke that are looked at


def even_image(drawn: Drawn, box: tuple[slice, slice], own: np.ndarray) -> np.ndarray | None:
    """The 28x28 image, uint8, of the strokes that lie in `own`, bool of the `box`; None where a stroke is not all its.

    None as well where the strokes are no more than a blot.
    """
    its: list[int] = []
    for number, stroke in enumerate(drawn.strokes):
        share = _share(np.asarray(stroke, float).reshape(-1, 2) * drawn.side, box, own)
        if share >= OWN:
            its.append(number)
        elif share > ALIEN:
            return None
    if not its:
        return None
    even = evened([drawn.strokes[number] for number in its], max(drawn.widths[number] for number in its) / drawn.side)
    prepared = None if even is None else prepare_ink(find_ink(even))
    return None if prepared is None else prepared.image


def _share(way: Stroke, box: tuple[slice, slice], own: np.ndarray) -> float:
    """The share of a stroke's way, in pixels of the picture, that lies in `own`."""
    places = [way[:1]]
    for start, end in pairwise(way):
        count = max(1, int(np.ceil(np.hypot(*(end - start)) / STEP)))
        places.append(start + (end - start) * (np.arange(1, count + 1) / count)[:, None])
    column, row = np.floor(np.concatenate(places)).astype(int).T
    row, column = row - box[0].start, column - box[1].start
    inside = (row >= 0) & (column >= 0) & (row < own.shape[0]) & (column < own.shape[1])
    return float(own[row[inside], column[inside]].sum() / len(inside))
