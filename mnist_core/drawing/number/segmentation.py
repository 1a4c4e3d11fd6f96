"""Which pieces of ink are one digit: those that stand over each other, as the bar over its 5."""

import numpy as np

from mnist_core.drawing.number.pieces import MOST_DIGITS, TOO_MANY, Piece, find_pieces
from mnist_core.errors import RequestError

EDGE = 2  # pixels around its clear ink that may hold a digit's faint ink
OVERLAP = 0.35  # of the narrower of two pieces' widths: more of it above the other, and they are one digit

Box = tuple[slice, slice]  # rows and columns of the picture


def find_digits(ink: np.ndarray) -> list[tuple[Box, np.ndarray]]:
    """For each digit side by side in `ink`, from left to right: its rows and columns, and which pixels there are its.

    Raises RequestError where there are more than `MOST_DIGITS`: it is no number, and each takes its time.
    """
    labels, pieces = find_pieces(ink)
    return [own_ink(labels, group) for group in grouped(pieces)]


def grouped(pieces: list[Piece]) -> list[list[Piece]]:
    """`pieces`, given from left to right, put together that stand over each other.

    Raises RequestError as `find_digits`.
    """
    groups: list[tuple[int, int, list[Piece]]] = []  # left, right, the pieces
    for piece in pieces:
        left, right = piece.left, piece.right
        if groups:
            before, until, members = groups[-1]
            if min(until, right) - left > OVERLAP * min(until - before, right - left):
                groups[-1] = (before, max(until, right), [*members, piece])
                continue
        groups.append((left, right, [piece]))
    if len(groups) > MOST_DIGITS:
        raise RequestError(TOO_MANY)
    return [members for _, _, members in groups]


def own_ink(labels: np.ndarray, group: list[Piece]) -> tuple[Box, np.ndarray]:
    """The rows and columns of a digit's pieces, and which pixels there are its: with the faint ink around the clear.

    (MNIST's edges are grey.) Clear ink of others is not its.
    """
    from scipy import ndimage

    top, bottom = min(piece.top for piece in group), max(piece.bottom for piece in group)
    left, right = min(piece.left for piece in group), max(piece.right for piece in group)
    box = (slice(max(0, top - EDGE), bottom + EDGE), slice(max(0, left - EDGE), right + EDGE))
    clear = np.isin(labels[box], [piece.label for piece in group])
    return box, ndimage.binary_dilation(clear, np.ones((3, 3)), EDGE) & (clear | (labels[box] == 0))
