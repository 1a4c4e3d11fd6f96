"""A whole number in one picture, read by a network: its digits, and what stands between them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mnist_core.drawing.number.segmentation import split
from mnist_core.drawing.prepare import Prepared
from mnist_core.drawing.rejection import warning

Answer = Callable[[np.ndarray], np.ndarray]  # images, uint8 (n, 28, 28) -> ten probabilities each, float32 (n, 10)


class Symbol(NamedTuple):
    """One thing that stands in the picture, from left to right."""

    text: str  # "0" to "9"; or a mark: "." "," "-" ":" "/" "+" "=" "%"; or "" for a cell that is empty
    prepared: Prepared | None  # of a digit
    probabilities: np.ndarray | None  # of a digit, the ten: float32 (10,)
    warning: str | None  # one sentence, where it is doubtful


class Number(NamedTuple):
    """What was read, and whether to trust it."""

    symbols: list[Symbol]
    warning: str | None  # the first thing that is doubtful about the whole, in one sentence

    @property
    def digits(self) -> str:
        """The digits alone, "314"."""
        return "".join(symbol.text for symbol in self.symbols if symbol.text.isdigit())

    @property
    def text(self) -> str:
        """With the marks that were recognised, "3.14"."""
        return "".join(symbol.text for symbol in self.symbols)


def read_number(picture: np.ndarray, answer: Answer) -> Number:
    """Read the number in `picture` (as for `prepare`) with a network's `answer`.

    Raises RequestError where there is more than a number can hold.
    """
    found = split(picture)
    if not found:
        return Number([], warning(None))
    probabilities = answer(np.stack([digit.image for digit in found]))
    symbols = [
        Symbol(str(ten.argmax()), digit, ten, warning(digit, ten))
        for digit, ten in zip(found, probabilities, strict=True)
    ]
    return Number(symbols, next((symbol.warning for symbol in symbols if symbol.warning), None))
