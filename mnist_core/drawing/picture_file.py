"""An image file -> its pixels: grey, or with transparency."""

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_core.errors import RequestError

MAX_PIXELS = 50_000_000  # a larger file is refused before it is decoded (a decompression bomb)
READ_SIDE = 1500  # pixels; a longer picture is reduced when it is read: 28 are wanted, and memory is not free
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")  # of Pillow's; others start programs (EPS) or are exotic


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
