"""Any picture of a digit -> the 28x28 image that MNIST would have held.

The preparation is MNIST's own (Y. LeCun et al., 1998, and the data set's page): the digit is cropped, scaled with
anti-aliasing into a 20x20 box with its aspect kept, and placed in 28x28 with its centre of mass in the centre.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from mnist_core.errors import RequestError

SIDE, BOX = 28, 20
MIN_CONTRAST = 24  # of 255; a picture with less between paper and ink is blank
INK_THRESHOLD = 0.2  # of the strongest ink; below it is paper: compression noise and the blur of an edge
MAX_PIXELS = 50_000_000  # a larger file is refused before it is decoded (a decompression bomb)


@dataclass(frozen=True)
class Prepared:
    """A digit as the network sees it, and the way there."""

    image: np.ndarray  # uint8 (28, 28), ink bright on black
    ink: np.ndarray  # float32 (height, width) of the picture, 0 paper to 1 ink
    box: tuple[int, int, int, int]  # left, top, right, bottom of the ink in the picture, in pixels


def read_picture(source: Path | bytes | BinaryIO, name: str | None = None) -> np.ndarray:
    """Decode an image file: uint8 (height, width) grey, or (height, width, 4) where it has transparency.

    Raises RequestError, naming the file, when it is missing, no picture, damaged or too large.
    """
    name = name or (str(source) if isinstance(source, Path) else "The file")
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise RequestError(f"{name} has more than {MAX_PIXELS // 10**6} million pixels: make it smaller.")
            has_transparency = "A" in picture.mode or "transparency" in picture.info
            return np.asarray(picture.convert("RGBA" if has_transparency else "L"))
    except FileNotFoundError as error:
        raise RequestError(f"{name} does not exist: check the path.") from error
    except IsADirectoryError as error:
        raise RequestError(f"{name} is a folder: name the pictures in it.") from error
    except PermissionError as error:
        raise RequestError(f"{name} cannot be read: check its permissions.") from error
    except UnidentifiedImageError as error:
        raise RequestError(f"{name} is not a picture: give a PNG, JPEG, GIF, BMP or WebP file.") from error
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise RequestError(f"{name} is a damaged picture: save it again.") from error


def prepare(picture: np.ndarray) -> Prepared | None:
    """The digit in `picture`, prepared as MNIST prepared its own; None where there is no ink.

    `picture` is uint8: grey (height, width), RGB or RGBA (height, width, 3 or 4), of any size. What lies at the
    border is taken for paper, so that dark on light and light on dark give the same image.
    """
    ink = find_ink(picture)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return None
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    small = _scale_to_box(ink[top:bottom, left:right])
    return Prepared(_centre(small), ink, (int(left), int(top), int(right), int(bottom)))


def find_ink(picture: np.ndarray) -> np.ndarray:
    """How much ink each pixel holds: float32 (height, width), 0 paper to 1 the strongest ink; all 0 when blank."""
    grey = _to_grey(picture)
    if grey.size == 0:
        return np.zeros(grey.shape, np.float32)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = np.abs(grey - np.median(border))
    strongest = ink.max()
    if strongest < MIN_CONTRAST:
        return np.zeros(grey.shape, np.float32)
    ink /= strongest
    ink[ink < INK_THRESHOLD] = 0
    return ink.astype(np.float32)


def _to_grey(picture: np.ndarray) -> np.ndarray:
    if picture.ndim == 2:
        return picture.astype(np.float32)
    colour = picture[..., :3].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
    if picture.shape[2] == 3:
        return colour
    alpha = picture[..., 3].astype(np.float32) / 255
    # Where nothing is painted lies paper: black under bright paint, white under dark paint.
    painted = colour[alpha > 0.5]
    paper = 0.0 if painted.size and painted.mean() > 127 else 255.0
    return colour * alpha + paper * (1 - alpha)


def _scale_to_box(ink: np.ndarray) -> np.ndarray:
    """Scale so that the longer side is 20 pixels, aspect kept, anti-aliased."""
    height, width = ink.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Pillow's triangle filter widens with the reduction, so every source pixel counts: the anti-aliasing.
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BILINEAR))


def _centre(small: np.ndarray) -> np.ndarray:
    """Place a digit of at most 20x20 in 28x28, its centre of mass nearest to the centre, nothing cut off."""
    height, width = small.shape
    mass = small.sum()
    centre_y = (small.sum(1) * (np.arange(height) + 0.5)).sum() / mass
    centre_x = (small.sum(0) * (np.arange(width) + 0.5)).sum() / mass
    top = int(np.clip(round(SIDE / 2 - centre_y), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - centre_x), 0, SIDE - width))
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + height, left : left + width] = np.round(np.clip(small / small.max(), 0, 1) * 255)
    return image
