"""Any picture of a digit -> the 28x28 image that MNIST would have held.

The preparation is MNIST's own (Y. LeCun et al., 1998; C. Yadav and L. Bottou, 2019, who reconstructed it): the digit is
cropped, scaled with anti-aliasing into a 20x20 box with its aspect kept, and placed in 28x28 by its centre of mass.
"""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from mnist_core.drawing.ink.find import find_ink
from mnist_core.drawing.ink.residue import CLEAR_INK

SIDE, BOX = 28, 20


@dataclass(frozen=True)
class Prepared:
    """A digit as the network sees it, and the way there."""

    image: np.ndarray  # uint8 (28, 28), ink bright on black
    ink: np.ndarray  # float32 (height, width) of the picture, 0 paper to 1 ink
    box: tuple[int, int, int, int]  # left, top, right, bottom of the ink in the picture, in pixels


def prepare(picture: np.ndarray, evened: np.ndarray | None = None, *, is_drawn: bool = False) -> Prepared | None:
    """The digit in `picture`, prepared as MNIST prepared its own; None where there is no ink.

    `picture` is uint8: grey (height, width), RGB or RGBA (height, width, 3 or 4), of any size. What lies at the
    border is taken for paper, so that dark on light and light on dark give the same image. Where the pen's strokes are
    known, `evened` is what `strokes.evened` painted of them: then the network sees that, whatever the brush was.
    `is_drawn`: the strokes are known, though not evened; then no line is taken for the paper's, nor ink for shade.
    """
    prepared = prepare_ink(find_ink(picture, is_drawn or evened is not None))
    if prepared is None or evened is None:
        return prepared
    even = prepare_ink(find_ink(evened, is_drawn=True))
    return prepared if even is None else replace(prepared, image=even.image)


def prepare_ink(ink: np.ndarray) -> Prepared | None:
    """`prepare` from the ink on, float32 (height, width), 0 paper to 1 ink; None where there is none."""
    clear = ink >= CLEAR_INK
    rows, columns = np.flatnonzero(clear.any(1)), np.flatnonzero(clear.any(0))
    if not len(rows):
        return None
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    small = scale_to_box(np.ascontiguousarray(ink[top:bottom, left:right]))
    return Prepared(_centre(small), ink, (int(left), int(top), int(right), int(bottom)))


def to_levels(ink: np.ndarray) -> np.ndarray:
    """Ink, 0 to 1, as grey levels: uint8 of the same shape. A tie goes up, whatever a sum's last bits say.

    (They differ between processors, and between this and the exported page: 3 of 1,000 drawings had such a pixel.)
    """
    return np.floor(ink.clip(0, 1).astype(np.float64) * 255 + (0.5 + 1e-6)).astype(np.uint8)


def scale_to_box(ink: np.ndarray) -> np.ndarray:
    """Scale so that the longer side is 20 pixels, aspect kept: each pixel holds the mean of the area it covers.

    MNIST digits enlarged tenfold come back with a mean error of 0.3 grey levels of 255; with Pillow's anti-aliasing,
    whose filter also reaches into the neighbours, it is 4.6 (n = 1,000).
    """
    height, width = ink.shape
    scale = BOX / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    if scale >= 1:  # no area to take the mean of: interpolate
        return np.asarray(Image.fromarray(ink).resize((columns, rows), Image.Resampling.BILINEAR))
    return _coverage(height, rows) @ ink @ _coverage(width, columns).T


def _coverage(n: int, into: int) -> np.ndarray:
    """(into, n): the share of each of `into` equal stretches that each of `n` pixels covers; rows sum to 1."""
    ends = np.linspace(0, n, into + 1)[:, None]
    pixels = np.arange(n)
    overlap = np.minimum(ends[1:], pixels + 1) - np.maximum(ends[:-1], pixels)
    return overlap.clip(min=0) * (into / n)


def _centre(small: np.ndarray) -> np.ndarray:
    """Place a digit of at most 20x20 in 28x28 by its centre of mass, nothing cut off.

    MNIST's centres of mass lie in the pixel right of and below the middle, 14 up to 15 (all but two of its 70,000
    digits). Centred half a pixel further left and up, one digit in sixteen was answered differently (n = 1,000).
    """
    height, width = small.shape
    mass = small.sum()
    centre_y = (small.sum(1) * (np.arange(height) + 0.5)).sum() / mass
    centre_x = (small.sum(0) * (np.arange(width) + 0.5)).sum() / mass
    # A symmetric digit lies exactly on 14, whatever its sums' last bits say.
    top = int(np.clip(np.ceil(SIDE / 2 - centre_y - 1e-4), 0, SIDE - height))
    left = int(np.clip(np.ceil(SIDE / 2 - centre_x - 1e-4), 0, SIDE - width))
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + height, left : left + width] = to_levels(small / small.max())
    return image
