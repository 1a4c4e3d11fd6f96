"""A picture and what is wanted of it, and where its digits come from."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from mnist_core.data.mnist import load_arrays


class Case(NamedTuple):
    """A picture, and what is wanted of it."""

    picture: np.ndarray  # uint8 (height, width), or with colours (height, width, 3 or 4)
    wanted: str  # the digits, left to right, with marks between them; empty where there is none
    is_number: bool = False  # whether it is read as a whole number
    may_doubt: bool = False  # whether no other answer than a doubt could be asked for
    is_told_of: bool = False  # whether something is to be said beside the answer, as of an empty cell


class Digits:
    """MNIST's digits of people on whose writing nothing was trained.

    `split` is `validation`, the last 2,000 of the 60,000, to choose by; or `test`, to report once: nobody who wrote a
    test digit has written a training digit.
    """

    def __init__(self, split: str) -> None:
        arrays = load_arrays("test" if split == "test" else "train")
        kept = slice(None) if split == "test" else slice(-2000, None)
        self.images, self.labels = arrays.images[kept], arrays.labels[kept]

    def draw(self, rng: np.random.Generator, height: int) -> tuple[np.ndarray, int]:
        """A digit's ink, cropped and `height` pixels high: float32 (height, width), 0 paper to 1 ink; its label."""
        place = int(rng.integers(len(self.labels)))
        image = self.images[place]
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        crop = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        width = max(2, round(crop.shape[1] * height / crop.shape[0]))
        larger = Image.fromarray(crop).resize((width, height), Image.Resampling.BICUBIC)
        return np.asarray(larger, np.float32) / 255, int(self.labels[place])


def lay(ink: np.ndarray, part: np.ndarray, top: int, left: int) -> None:
    """Add `part`, 0 to 1, to `ink` where it lies, the darker of the two; what lies outside is cut off."""
    height, width = part.shape
    up, before = max(0, -top), max(0, -left)
    down, after = min(height, ink.shape[0] - top), min(width, ink.shape[1] - left)
    if down > up and after > before:
        own = ink[top + up : top + down, left + before : left + after]
        np.maximum(own, part[up:down, before:after], out=own)
