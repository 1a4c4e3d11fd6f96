"""A form's cells, read one by one: a digit in each, or none."""

import numpy as np

from mnist_core.drawing.ink.find import Page
from mnist_core.drawing.number.line import read_line
from mnist_core.drawing.number.partition import Answer
from mnist_core.drawing.number.pieces import Piece, Writing, find_pieces, lines_of
from mnist_core.drawing.number.symbols import Number, Symbol
from mnist_core.errors import RequestError

MOST_CELLS = 60
DIRT = 0.12  # of a cell's height: what is smaller, or a rest of the printed lines, is no writing
DIGIT = 0.35  # of a cell's height: what is written in it is at least so high, at a guess, or a mark
MOSTLY = 0.8  # of a piece lies in a cell: it is all that cell's, for a digit may run over the line


def read_cells(page: Page, answer: Answer) -> Number:
    """Read each of the page's cells. What is written outside them is not read, and told of where it stands beside them.

    Raises RequestError where there are too many cells.
    """
    if len(page.cells) > MOST_CELLS:
        raise RequestError(f"There are more than {MOST_CELLS} boxes: give a part of the form.")
    labels, pieces = find_pieces(page.ink)
    owners = _owners(labels, pieces, page.cells)
    symbols: list[Symbol] = []
    warnings: list[str] = []
    for number, cell in enumerate(page.cells):
        called = f"Cell {number + 1} of {len(page.cells)}"
        read = _read_cell(np.where(owners == number, page.ink, np.float32(0)), cell, answer)
        count = sum(symbol.text.isdigit() for symbol in read.symbols)
        if not read.symbols:
            said = f"{called} is empty." if not read.warning else f"{called} holds no digit."
            symbols.append(Symbol("", None, None, said))
            warnings.append(said)
            continue
        symbols += read.symbols
        if count > 1:
            warnings.append(f"{called} holds {count} digits: write one in each.")
        elif read.warning:
            warnings.append(f"{called}: {read.warning[0].lower()}{read.warning[1:]}")
    if _beside(pieces, labels, owners, page.cells):
        warnings.append("There is writing beside the boxes, which is not read.")
    return Number(symbols, warnings[0] if warnings else None)


def _owners(labels: np.ndarray, pieces: list[Piece], cells: list[tuple[slice, slice]]) -> np.ndarray:
    """For each pixel, whose cell's ink it is: int16 (height, width), -1 where it is nobody's."""
    inside = np.full(labels.shape, -1, np.int16)
    for number, cell in enumerate(cells):
        inside[cell] = number
    owners = inside.copy()
    for piece in pieces:
        box = (slice(piece.top, piece.bottom), slice(piece.left, piece.right))
        own = labels[box] == piece.label
        counts = np.bincount(inside[box][own] + 1, minlength=2)
        most = int(counts[1:].argmax())
        if counts[most + 1] >= MOSTLY * own.sum():
            owners[box][own] = most
    return owners


def _read_cell(ink: np.ndarray, cell: tuple[slice, slice], answer: Answer) -> Number:
    high = cell[0].stop - cell[0].start
    labels, pieces = find_pieces(ink)
    pieces = [piece for piece in pieces if max(piece.height, piece.width) >= DIRT * high]
    lines = lines_of(labels, pieces)
    if not lines:
        return Number([], None)
    line = max(lines, key=lambda line: line.height)
    if line.height < DIGIT * high:  # marks alone do not say how high a digit is
        base = max(line.base, cell[0].stop - 0.2 * high)
        line = Writing(line.pieces, base - DIGIT * high * 1.4, base, line.pen)
    read = read_line(ink, labels, line, answer)
    if len(lines) > 1:
        return Number(read.symbols, "There is more than one line of writing in it.")
    return read


def _beside(pieces: list[Piece], labels: np.ndarray, owners: np.ndarray, cells: list[tuple[slice, slice]]) -> bool:
    """Whether something as large as a digit stands in the row of the cells, and in none."""
    top, bottom = min(cell[0].start for cell in cells), max(cell[0].stop for cell in cells)
    high = min(cell[0].stop - cell[0].start for cell in cells)
    for piece in pieces:
        box = (slice(piece.top, piece.bottom), slice(piece.left, piece.right))
        outside = owners[box][labels[box] == piece.label] < 0
        if DIGIT * high < piece.height <= high and top < piece.middle[1] < bottom and outside.mean() > 0.5:
            return True
    return False
