"""Any picture of a digit -> the 28x28 image that MNIST would have held.

The preparation is MNIST's own (Y. LeCun et al., 1998; C. Yadav and L. Bottou, 2019, who reconstructed it): the digit is
cropped, scaled with anti-aliasing into a 20x20 box with its aspect kept, and placed in 28x28 by its centre of mass.
"""

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_core.errors import RequestError
from mnist_core.ink import CLEAR_INK, find_ink, to_grey

SIDE, BOX = 28, 20
SPECK = 0.08  # of the largest piece of ink; a smaller one is no digit of a number
OVERLAP = 0.35  # of the narrower of two pieces' widths: more of it above the other, and they are one digit
MAX_PIXELS = 50_000_000  # a larger file is refused before it is decoded (a decompression bomb)
READ_SIDE = 1500  # pixels; a longer picture is reduced when it is read: 28 are wanted, and memory is not free
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")  # of Pillow's; others start programs (EPS) or are exotic


@dataclass(frozen=True)
class Prepared:
    """A digit as the network sees it, and the way there."""

    image: np.ndarray  # uint8 (28, 28), ink bright on black
    ink: np.ndarray  # float32 (height, width) of the picture, 0 paper to 1 ink
    box: tuple[int, int, int, int]  # left, top, right, bottom of the ink in the picture, in pixels


def read_picture(source: Path | bytes | BinaryIO, name: str | None = None) -> np.ndarray:
    """Decode an image file: uint8 (height, width) grey, or (height, width, 4) where it has transparency.

    The first frame, turned as its EXIF data says, reduced by a whole factor to at most `READ_SIDE` pixels a side.

    Raises RequestError, naming the file, when it is missing, no picture, damaged or too large.
    """
    name = name or (str(source) if isinstance(source, Path) else "The file")
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            return _decode(picture)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RequestError(f"{name} does not exist: check the path.") from error
    except IsADirectoryError as error:
        raise RequestError(f"{name} is a folder: name the pictures in it.") from error
    except PermissionError as error:
        raise RequestError(f"{name} cannot be read: check its permissions.") from error
    except UnidentifiedImageError as error:
        raise RequestError(f"{name} is not a picture: give a PNG, JPEG, GIF, BMP, WebP or TIFF file.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RequestError(f"{name} has more than {MAX_PIXELS // 10**6} million pixels: make it smaller.") from error
    except Exception as error:  # Pillow's decoders raise whatever a damaged byte makes them stumble over
        raise RequestError(f"{name} is a damaged picture: save it again.") from error


def _decode(picture: Image.Image) -> np.ndarray:
    turned = ImageOps.exif_transpose(picture)
    if turned.mode.startswith(("I", "F")):  # 16 bits and more: Pillow's own conversion cuts off at 255
        turned = Image.fromarray(_to_eight_bits(np.asarray(turned), turned.mode))
    plain = turned.convert("RGBA" if turned.has_transparency_data else "L")
    return np.asarray(plain.reduce(-(-max(plain.size) // READ_SIDE)))


def _to_eight_bits(values: np.ndarray, mode: str) -> np.ndarray:
    """Grey levels of 16 or 32 bits as uint8; without a fixed range white is the least usual one nothing exceeds."""
    values = np.nan_to_num(values.astype(np.float64), nan=0, posinf=0, neginf=0)
    ranges = (65535,) if mode.startswith("I;16") else (1, 255, 65535)
    white = next((white for white in ranges if values.max(initial=0) <= white), ranges[-1])
    return np.round(values.clip(0, white) * (255 / white)).astype(np.uint8)


def prepare(picture: np.ndarray, evened: np.ndarray | None = None) -> Prepared | None:
    """The digit in `picture`, prepared as MNIST prepared its own; None where there is no ink.

    `picture` is uint8: grey (height, width), RGB or RGBA (height, width, 3 or 4), of any size. What lies at the
    border is taken for paper, so that dark on light and light on dark give the same image. Where the pen's strokes are
    known, `evened` is what `strokes.evened` painted of them: then the network sees that, whatever the brush was.
    """
    prepared = _prepare_ink(find_ink(picture))
    if prepared is None or evened is None:
        return prepared
    even = _prepare_ink(find_ink(evened))
    return prepared if even is None else replace(prepared, image=even.image)


def _prepare_ink(ink: np.ndarray) -> Prepared | None:
    clear = ink >= CLEAR_INK
    rows, columns = np.flatnonzero(clear.any(1)), np.flatnonzero(clear.any(0))
    if not len(rows):
        return None
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    small = _scale_to_box(np.ascontiguousarray(ink[top:bottom, left:right]))
    return Prepared(_centre(small), ink, (int(left), int(top), int(right), int(bottom)))


def split(picture: np.ndarray) -> list[Prepared]:
    """The digits written side by side in `picture` (as for `prepare`), each prepared, from left to right.

    Pieces of ink that do not touch are one digit where they stand over each other (the bar of a 5), and two where they
    stand side by side. Empty where there is no ink; specks are left out. Each `ink` is that digit's alone.
    """
    return split_ink(find_ink(picture))


def split_ink(ink: np.ndarray) -> list[Prepared]:
    """`split` of what `find_ink` found."""
    from scipy import ndimage  # a tenth of a second: only where it is wanted

    if not ink.any():
        return []
    pieces, count = ndimage.label(ink >= CLEAR_INK, np.ones((3, 3)))
    boxes = ndimage.find_objects(pieces)
    tallest = max(max(box[0].stop - box[0].start, box[1].stop - box[1].start) for box in boxes)
    groups: list[tuple[int, int, list[int]]] = []  # left, right, the pieces' numbers
    for number in sorted(range(count), key=lambda i: boxes[i][1].start):
        rows, columns = boxes[number]
        if max(rows.stop - rows.start, columns.stop - columns.start) < SPECK * tallest:
            continue
        left, right = columns.start, columns.stop
        if groups:
            before, until, members = groups[-1]
            if min(until, right) - left > OVERLAP * min(until - before, right - left):
                groups[-1] = (before, max(until, right), [*members, number + 1])
                continue
        groups.append((left, right, [number + 1]))
    if len(groups) == 1:
        return [digit] if (digit := _prepare_ink(ink)) else []
    found = []
    for _, _, members in groups:
        # With the faint ink around it: MNIST's edges are grey.
        own = ndimage.binary_dilation(np.isin(pieces, members), np.ones((3, 3)), 2)
        if digit := _prepare_ink(np.where(own, ink, np.float32(0))):
            found.append(digit)
    return found


class Rung(NamedTuple):
    """One step on the way from the picture to what the network sees."""

    title: str
    image: np.ndarray  # uint8 (height, width), ink bright on black but for the first


def ladder(picture: np.ndarray, evened: np.ndarray | None = None) -> list[Rung]:
    """The steps of `prepare`: grey picture, its strokes evened where they are known, ink found, crop, 20-pixel box,
    28x28; the last three only where ink is."""
    steps = [Rung("Picture", to_grey(picture).round().astype(np.uint8))]
    if evened is not None:
        steps.append(Rung("The same strokes, even pen", evened))
    prepared = prepare(picture if evened is None else evened)
    ink = find_ink(picture) if prepared is None else prepared.ink
    steps.append(Rung("Ink", _to_levels(ink)))
    if prepared is None:
        return steps
    left, top, right, bottom = prepared.box
    crop = ink[top:bottom, left:right]
    small = _scale_to_box(np.ascontiguousarray(crop))
    return [
        *steps,
        Rung("Crop", _to_levels(crop)),
        Rung(f"Within {BOX} by {BOX}", _to_levels(small / small.max())),
        Rung(f"{SIDE} by {SIDE}, centred", prepared.image),
    ]


def plain_shrink(picture: np.ndarray) -> np.ndarray:
    """What shrinking alone would have made of `picture`: uint8 (28, 28), ink bright on black, all black when blank.

    No crop, no centring: what most demonstrations give their network.
    """
    ink = find_ink(picture)
    if not ink.any():
        return np.zeros((SIDE, SIDE), np.uint8)
    return np.asarray(Image.fromarray(_to_levels(ink)).resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def _to_levels(ink: np.ndarray) -> np.ndarray:
    return np.round(ink.clip(0, 1) * 255).astype(np.uint8)


def _scale_to_box(ink: np.ndarray) -> np.ndarray:
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
    image[top : top + height, left : left + width] = _to_levels(small / small.max())
    return image
