"""A form's cells, read one by one: a digit in each, or none."""

from dataclasses import replace

import numpy as np

from mnist_core.drawing.ink.find import Page
from mnist_core.drawing.number.line import read_line
from mnist_core.drawing.number.partition import Answer
from mnist_core.drawing.number.pieces import Piece, Writing, find_pieces, lines_of
from mnist_core.drawing.number.segmentation import EDGE, Box
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
    empty: list[int] = []
    for number, (cell, room) in enumerate(zip(page.cells, _rooms(owners, page.cells), strict=True), 1):
        called = f"Cell {number} of {len(page.cells)}"
        rows, _ = cell
        own = np.where(owners[room] == number - 1, page.ink[room], np.float32(0))
        read = _read_cell(own, rows.stop - rows.start, rows.stop - room[0].start, answer)
        count = sum(symbol.text.isdigit() for symbol in read.symbols)
        if not read.symbols:
            said = f"{called} is empty." if not read.warning else f"{called} holds no digit."
            symbols.append(Symbol("", None, None, said))
            if read.warning:
                warnings.append(said)
            else:
                empty.append(number)
            continue
        symbols += [_on_page(symbol, page.ink, room) for symbol in read.symbols]
        if count > 1:
            warnings.append(f"{called} holds {count} digits: write one in each.")
        elif read.warning:
            warnings.append(f"{called}: {read.warning[0].lower()}{read.warning[1:]}")
    if empty:
        warnings.append(_empty(empty, len(page.cells)))
    if _beside(pieces, labels, owners, page.cells):
        warnings.append("There is writing beside the boxes, which is not read.")
    return Number(symbols, warnings[0] if warnings else None)


def _empty(cells: list[int], count: int) -> str:
    """Of `count` cells, which ones are empty: numbers from 1 on."""
    if len(cells) == count:
        return f"All {count} cells are empty."
    if len(cells) == 1:
        return f"Cell {cells[0]} of {count} is empty."
    named = ", ".join(str(cell) for cell in cells[:-1])
    return f"Cells {named} and {cells[-1]} of {count} are empty."


def _owners(labels: np.ndarray, pieces: list[Piece], cells: list[Box]) -> np.ndarray:
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


def _rooms(owners: np.ndarray, cells: list[Box]) -> list[Box]:
    """Of each cell, the rows and columns with all that is its, and the edge that a digit's faint ink may take."""
    from scipy import ndimage

    rooms = []
    for cell, found in zip(cells, ndimage.find_objects(owners.astype(np.int32) + 1, len(cells)), strict=True):
        rows, columns = found or cell  # nothing may be its own, where cells overlap
        rooms.append((_widened(rows), _widened(columns)))
    return rooms


def _widened(side: slice) -> slice:
    return slice(max(0, side.start - EDGE), side.stop + EDGE)


def _on_page(symbol: Symbol, ink: np.ndarray, room: Box) -> Symbol:
    """What was read in a part of the page, with its place on the page."""
    if symbol.prepared is None:
        return symbol
    left, top, right, bottom = symbol.prepared.box
    down, across = room[0].start, room[1].start
    box = (left + across, top + down, right + across, bottom + down)
    return symbol._replace(prepared=replace(symbol.prepared, ink=ink, box=box))


def _read_cell(ink: np.ndarray, high: int, bottom: int, answer: Answer) -> Number:
    """What stands in a cell `high` rows high that ends at row `bottom` of `ink`, which is its own."""
    labels, pieces = find_pieces(ink)
    pieces = [piece for piece in pieces if max(piece.height, piece.width) >= DIRT * high]
    lines = lines_of(labels, pieces)
    if not lines:
        return Number([], None)
    line = max(lines, key=lambda line: line.height)
    if line.height < DIGIT * high:  # marks alone do not say how high a digit is
        base = max(line.base, bottom - 0.2 * high)
        line = Writing(line.pieces, base - DIGIT * high * 1.4, base, line.pen)
    read = read_line(ink, labels, line, answer)
    if len(lines) > 1:
        return Number(read.symbols, "There is more than one line of writing in it.")
    return read


def _beside(pieces: list[Piece], labels: np.ndarray, owners: np.ndarray, cells: list[Box]) -> bool:
    """Whether something as large as a digit stands in the row of the cells, and in none."""
    top, bottom = min(cell[0].start for cell in cells), max(cell[0].stop for cell in cells)
    high = min(cell[0].stop - cell[0].start for cell in cells)
    for piece in pieces:
        box = (slice(piece.top, piece.bottom), slice(piece.left, piece.right))
        outside = owners[box][labels[box] == piece.label] < 0
        if DIGIT * high < piece.height <= high and top < piece.middle[1] < bottom and outside.mean() > 0.5:
            return True
    return False
