"""Pictures of digits, made by hand."""

import numpy as np
from hypothesis import settings
from PIL import Image, ImageDraw

from mnist_core.drawing import synthetic
from mnist_core.drawing.prepare import prepare

PROPERTY = settings(derandomize=True, deadline=None, max_examples=60)


def prepared(picture: np.ndarray) -> np.ndarray:
    digit = prepare(picture)
    assert digit is not None
    return digit.image


def a_seven(size: int = 200, width: int = 18) -> np.ndarray:
    """A drawn 7, bright on black, uint8 (size, size): no side of it is like another."""
    picture = Image.new("L", (size, size))
    ImageDraw.Draw(picture).line([(50, 40), (130, 45), (80, 160)], fill=255, width=width, joint="curve")
    return np.asarray(picture)


def moved(digit: np.ndarray, top: int, left: int) -> np.ndarray:
    return np.pad(digit, ((top, 90 - top), (left, 90 - left)))


def side_by_side(*digits: np.ndarray, gap: int = 12) -> np.ndarray:
    cropped = [digit[:, digit.any(0)] for digit in digits]
    padded = [np.pad(digit, ((40, 40), (gap, gap))) for digit in cropped]
    return np.pad(np.concatenate(padded, 1), ((0, 0), (20, 20)))


def handwriting_strokes(rng: np.random.Generator) -> list[np.ndarray]:
    """A synthetic digit whose strokes touch each other, within the unit box."""
    while True:
        _, drawn = synthetic.digit_strokes(int(rng.integers(1 << 30)), int(rng.integers(100)))
        if len(drawn) == 1:
            return [stroke * 0.7 + 0.5 for stroke in drawn]
