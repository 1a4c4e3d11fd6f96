"""The connected pieces of ink in a picture of a number: their boxes, their shapes, and the lines they stand in."""

from typing import NamedTuple

import numpy as np

from mnist_core.drawing.ink.residue import CLEAR_INK
from mnist_core.errors import RequestError

SPECK = 0.08  # of the largest piece of ink; a smaller one is no digit of a number
SMALL = 16  # pixels: lower digits are small print, whose points a lens or their own grey edges join to what is beside
TALL = 0.5  # of the tallest piece's height: what is as high may be a digit, and says how high the line is
LARGE = 0.75  # of the tallest of a line, of three the second: so high pieces say how high its digits are, and where
MOST_PIECES = 2000  # of ink that are no specks; a number has some dozens, a raster a million
MOST_DIGITS = 24
TOO_MANY = f"There are more than {MOST_DIGITS} pieces of ink side by side: give one number on plain paper."
BAR = 2.5  # pens: nothing that is written so low is a digit
BETWEEN_LINES = 0.1  # of the lower of two lines: less paper between pieces one over the other, and it is a broken digit


class Piece(NamedTuple):
    """Ink that holds together. Rows and columns in pixels of the picture, the ends exclusive."""

    label: int
    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def middle(self) -> tuple[float, float]:
        """Column and row of the box's middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


class Shape(NamedTuple):
    """What a piece looks like, as the bar that has the same second moments."""

    length: float  # pixels
    thickness: float
    steep: float  # degrees from the horizontal: 0 flat, 90 upright, more where it leans to the left


class Writing(NamedTuple):
    """A line of writing, in pixels of the picture."""

    pieces: list[Piece]  # from left to right
    top: float
    base: float
    pen: float  # the width of its lines

    @property
    def height(self) -> float:
        """Of a digit, in pixels."""
        return self.base - self.top


def find_pieces(ink: np.ndarray, keeps_points: bool = False) -> tuple[np.ndarray, list[Piece]]:
    """The labels of the pieces in `ink`, int (height, width), 0 where there is none, and those that are no specks.

    `keeps_points`: in print no higher than `SMALL` pixels, where digits that touch are wide and a point is one pixel,
    specks are measured by the height of the digits.

    Raises RequestError where there are more than a number can have.
    """
    from scipy import ndimage  # a tenth of a second: only where it is wanted

    if not ink.any():
        return np.zeros(ink.shape, np.int32), []
    labels, count = ndimage.label(ink >= CLEAR_INK, np.ones((3, 3)))
    boxes = _boxes(labels, count)
    sides = np.maximum(boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2])
    highest = int((boxes[:, 1] - boxes[:, 0]).max())
    largest = highest if keeps_points and highest <= SMALL else sides.max()
    kept = np.flatnonzero(sides >= SPECK * largest)
    if len(kept) > MOST_PIECES:
        raise RequestError(TOO_MANY)
    kept = kept[np.argsort(boxes[kept, 2], kind="stable")]
    return labels, [Piece(int(piece) + 1, *map(int, boxes[piece])) for piece in kept]


def lines_of(labels: np.ndarray, pieces: list[Piece]) -> list[Writing]:
    """The lines that `pieces` are written in, from the top down."""
    if not pieces:
        return []
    tallest = max(piece.height for piece in pieces)
    tall = [piece for piece in pieces if piece.height >= TALL * tallest]
    bands: list[list[Piece]] = []
    for piece in sorted(tall, key=lambda piece: piece.top):
        if bands:
            until = max(other.bottom for other in bands[-1])
            if piece.top < until + BETWEEN_LINES * piece.height:
                bands[-1].append(piece)
                continue
        bands.append([piece])
    small = [piece for piece in pieces if piece.height < TALL * tallest]
    for piece in small:
        row = piece.middle[1]
        nearest = min(
            bands,
            key=lambda band: max(min(p.top for p in band if p in tall) - row, row - max(p.bottom for p in band), 0),
        )
        nearest.append(piece)
    return [_writing(labels, band, set(tall)) for band in bands]


def _writing(labels: np.ndarray, band: list[Piece], tall: set[Piece]) -> Writing:
    own = [piece for piece in band if piece in tall]
    # Not by an exponent, which is high enough for a digit, nor by a slash.
    *_, tall_one, tallest = sorted([0, *(piece.height for piece in own)])
    large = [piece for piece in own if piece.height >= LARGE * (tallest if len(own) < 3 else tall_one)]
    height = float(np.median([piece.height for piece in large]))
    base = float(np.median([piece.bottom for piece in large]))
    whole = max(piece.bottom for piece in band) - min(piece.top for piece in band)
    pen = pen_width(labels, own)
    height = max(height, 0.4 * whole)
    band = sorted(band, key=lambda piece: (piece.left, piece.top))
    if max(piece.height for piece in own) < BAR * pen:  # bars alone do not say how high a digit is
        height = 1.5 * max(piece.width for piece in own)
        base = (max(piece.bottom for piece in band) + min(piece.top for piece in band) + height) / 2
    return Writing(band, base - height, base, pen)


def pen_width(labels: np.ndarray, pieces: list[Piece]) -> float:
    """How wide the lines of `pieces` are, in pixels: twice their area over the length of their edges."""
    from scipy import ndimage

    area = edge = 0
    for piece in pieces:
        own = np.pad(labels[piece.top : piece.bottom, piece.left : piece.right] == piece.label, 1)
        inside = ndimage.binary_erosion(own)
        area += int(own.sum())
        edge += int(own.sum() - inside.sum())
    return 2 * area / max(edge, 1)


def shape_of(labels: np.ndarray, piece: Piece) -> Shape:
    """The bar that a piece looks like."""
    rows, columns = np.nonzero(labels[piece.top : piece.bottom, piece.left : piece.right] == piece.label)
    x, y = columns - columns.mean(), rows.mean() - rows
    spread = np.array([[(x * x).mean(), (x * y).mean()], [(x * y).mean(), (y * y).mean()]]) + np.eye(2) / 12
    values, directions = np.linalg.eigh(spread)
    along = directions[:, 1]
    steep = float(np.degrees(np.arctan2(along[1], along[0])) % 180)
    return Shape(float(np.sqrt(12 * values[1])), float(np.sqrt(12 * values[0])), steep)


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
