"""A whole number in one picture, read by a network: its digits, and what stands between them."""

import numpy as np

from mnist_core.drawing.ink.find import find_page
from mnist_core.drawing.number.cells import read_cells
from mnist_core.drawing.number.line import read_line
from mnist_core.drawing.number.partition import Answer
from mnist_core.drawing.number.pieces import lines_of
from mnist_core.drawing.number.printed.points import find_pieces_and_points
from mnist_core.drawing.number.symbols import Number, Symbol
from mnist_core.drawing.rejection import warning
from mnist_core.drawing.strokes import Drawn


def read_number(picture: np.ndarray, answer: Answer, drawn: Drawn | None = None) -> Number:
    """Read the number in `picture` (as for `prepare`) with a network's `answer`.

    Where the pen's strokes are known, `drawn` has them, on a paper as wide as the picture: each digit is then seen as
    painted anew with an even pen, as a single digit is.

    Raises RequestError where there is more than a number can hold.
    """
    page = find_page(picture, drawn is not None)
    if len(page.cells) > 1:
        return read_cells(page, answer)
    labels, pieces = find_pieces_and_points(page.ink)
    lines = lines_of(labels, pieces)
    symbols: list[Symbol] = []
    warnings: list[str] = []
    if len(lines) > 1:
        warnings.append(f"There are {len(lines)} lines of writing, read from the top down: give one number at a time.")
    for line in lines:
        read = read_line(page.ink, labels, line, answer, drawn, sum(symbol.text.isdigit() for symbol in symbols))
        symbols += read.symbols
        warnings += [read.warning] if read.warning else []
    if not any(symbol.text.isdigit() for symbol in symbols):
        return Number(symbols, _no_digit(symbols, warnings))
    return Number(symbols, warnings[0] if warnings else None)


def _no_digit(symbols: list[Symbol], warnings: list[str]) -> str:
    if not symbols:
        return warnings[0] if warnings else warning(None) or ""
    return "There are marks, but no digit: write a number with digits from 0 to 9."
