"""When an answer to a drawing should not be trusted, and what the person can do about it."""

import numpy as np

from mnist_core.drawing import CLEAR_INK, Prepared

UNSURE = 0.6  # probability of the answer below which it is none


def warning(prepared: Prepared | None, probabilities: np.ndarray | None) -> str | None:
    """One sentence that says what is wrong and what to do, or None for what looks like a digit.

    `prepared` is what `drawing.prepare` found (None: no ink), `probabilities` the ten that a network gave it.
    """
    if prepared is None:
        return "There is no digit yet: draw one from 0 to 9, large."
    if _touches_an_edge(prepared.ink):
        return "The ink runs over the edge: leave some paper around the digit."
    if probabilities is not None and probabilities.max() < UNSURE:
        first, second = np.argsort(-probabilities)[:2]
        return f"Not sure: it could be a {first} or a {second}. Draw it again, larger and plainer."
    return None


def _touches_an_edge(ink: np.ndarray) -> bool:
    edges = (ink[0], ink[-1], ink[:, 0], ink[:, -1])
    touched = sum(bool((edge >= CLEAR_INK).any()) for edge in edges)
    return 0 < touched < 3  # ink at three or four edges is a picture cropped around its digit
