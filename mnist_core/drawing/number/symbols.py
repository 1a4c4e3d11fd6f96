"""What stands in a picture of a number."""

from typing import NamedTuple

import numpy as np

from mnist_core.drawing.prepare import Prepared


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


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th ..."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
