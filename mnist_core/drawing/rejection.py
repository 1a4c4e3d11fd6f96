"""When an answer to a drawing should not be trusted, and what the person can do about it.

What lies open (no ink, a dot, ink over the edge) is seen in the picture. Scribbles, letters and several digits are told
from digits by a small network of its own, whatever the run that answers: `shipped/digit_or_not.safetensors`, trained
and measured by `python -m benchmarks.drawing.rejection` on MNIST and on synthetic digits, scribbles and letters.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.drawing.number.segmentation import find_digits
from mnist_core.drawing.prepare import BOX, Prepared
from mnist_core.errors import RequestError
from mnist_core.system.files import REPOSITORY
from mnist_core.system.plain_text import with_article

if TYPE_CHECKING:
    import torch

WEIGHTS = REPOSITORY / "shipped" / "digit_or_not.safetensors"
# Doubt above which we say so. Chosen on validation digits: it warns of 0.85 % of 2,000 of MNIST's, of 0.8 % of 600
# thinned to strokes, of none of 600 synthetic ones on the canvas (`benchmarks rejection` measures on others).
DOUBTFUL = 0.6
OR_AS_A_NUMBER = ", or have them read as a number"  # which is not offered everywhere
A_DOT = "This is only a dot or a blot: write a digit from 0 to 9, large."
EDGE_INK = 0.35  # of the strongest ink: what is fainter at the picture's edge is what a line of the paper left behind
DOT = 0.64  # share of its box that a dot fills; a circle fills 0.79


def warning(prepared: Prepared | None, probabilities: np.ndarray | None = None) -> str | None:
    """One sentence that says what is wrong and what to do, or None for what looks like one digit.

    `prepared` is what `drawing.prepare` found (None: no ink), `probabilities` the ten that a network gave it.
    """
    if prepared is None:
        return "There is no digit yet: write one from 0 to 9, large."
    if _is_a_dot(prepared):
        return A_DOT
    if _touches_an_edge(prepared.ink):
        return "The ink runs over the edge: leave some paper around the digit."
    unlike, sure = unlike_a_digit(prepared.image), 1.0 if probabilities is None else float(probabilities.max())
    if doubt(unlike, sure) <= DOUBTFUL:
        return None
    if probabilities is not None and 1 - sure > unlike:
        first, second = np.argsort(-probabilities)[:2]
        return f"Not sure: it could be {with_article(first)} or {with_article(second)}. Write it again, plainer."
    # Many people lift the pen within a digit: pieces alone say nothing (14 of 1,000 of MNIST's digits fall in two).
    with suppress(RequestError):  # too many pieces to be digits
        if (count := len(find_digits(prepared.ink))) > 1:
            return f"There seem to be {count} digits: write one at a time{OR_AS_A_NUMBER}."
    return "This does not look like a digit: clear it and write one from 0 to 9."


def doubt(unlike: float, sure: float = 1.0) -> float:
    """The probability, 0 to 1, that an answer is wrong: that it is no digit, or another than the most probable.

    `unlike` is `unlike_a_digit`, `sure` the probability that the network gives the most probable digit.
    """
    return 1 - (1 - unlike) * sure


def unlike_a_digit(image: np.ndarray) -> float:
    """The probability, 0 to 1, that a prepared image, uint8 (28, 28), is a scribble or a letter and no digit."""
    return float(unlike_digits([image])[0])


def unlike_digits(images: Sequence[np.ndarray]) -> np.ndarray:
    """`unlike_a_digit` of each of `images` at once: float32 (n,)."""
    from mnist_core.models.inference import infer, one_thread

    if not len(images):
        return np.zeros(0, np.float32)
    with one_thread():
        unlike: np.ndarray = infer(detector(), np.stack(images)).sigmoid().numpy()[:, 0]
    return unlike


def new_detector() -> "torch.nn.Sequential":
    """The small network, untrained: normalised float32 (n, 1, 28, 28) -> logits of being no digit, (n, 1)."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 48, 3),
        nn.BatchNorm2d(48),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(432, 48),
        nn.ReLU(),
        nn.Linear(48, 1),
    )


@cache
def detector() -> "torch.nn.Sequential":
    """The small network as it was trained, in evaluation mode."""
    from mnist_core.models import checkpoint

    network = new_detector()
    checkpoint.load_weights(WEIGHTS, network)
    return network.eval()


def _is_a_dot(prepared: Prepared) -> bool:
    left, top, right, bottom = prepared.box
    wide, high = right - left, bottom - top
    box = wide * high * (BOX / max(wide, high)) ** 2  # in the image's pixels
    return bool(prepared.image.sum() / 255 > DOT * box) and max(wide, high) < 2 * min(wide, high)


def _touches_an_edge(ink: np.ndarray) -> bool:
    edges = (ink[0], ink[-1], ink[:, 0], ink[:, -1])
    touched = sum(bool((edge >= EDGE_INK).any()) for edge in edges)
    return 0 < touched < 3  # ink at three or four edges is a picture cropped around its digit
