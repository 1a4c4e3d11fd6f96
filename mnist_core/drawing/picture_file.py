"""An image file -> its pixels: grey, or with transparency."""

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from mnist_core.errors import RequestError

MAX_PIXELS = 50_000_000  # a larger file is refused before it is decoded (a decompression bomb)
FEWER_PIXELS = {"WEBP": 12_000_000}  # of formats whose decoders hold a picture four times, four bytes a pixel
STRIP = 64  # rows of the reduced picture, made at a time
READ_SIDE = 1500  # pixels; a longer picture is reduced when it is read: 28 are wanted, and memory is not free
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")  # of Pillow's; others start programs (EPS) or are exotic
ENDINGS = ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"]  # that an uploader offers


def read_picture(source: Path | bytes | BinaryIO, name: str | None = None) -> np.ndarray:
    """Decode an image file: uint8 (height, width) grey, or (height, width, 4) where it has transparency.

    The first frame, turned as its EXIF data says, reduced by a whole factor to at most `READ_SIDE` pixels a side.

    Raises RequestError, naming the file, when it is missing, no picture, damaged or too large.
    """
    name = name or (str(source) if isinstance(source, Path) else "The file")
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as picture:
            most = FEWER_PIXELS.get(str(picture.format), MAX_PIXELS)
            if picture.width * picture.height > most:
                raise RequestError(f"{name} has more than {most // 10**6} million pixels: make it smaller.")
            return _decode(picture)
    except RequestError:
        raise
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
    """Strip by strip, so that beside the picture itself only its reduced form takes memory."""
    picture.draft("L", (READ_SIDE, READ_SIDE))  # a JPEG is decoded at a smaller scale at once
    picture.load()
    factor = -(-max(picture.size) // READ_SIDE)
    mode = "RGBA" if picture.has_transparency_data else "L"
    is_deep = picture.mode.startswith(("I", "F"))  # 16 bits and more: Pillow's own conversion cuts off at 255
    white = _white(picture) if is_deep else 255
    rows = STRIP * factor
    size = (-(-picture.width // factor), -(-picture.height // factor))
    reduced = Image.new(mode, size)
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        if is_deep:
            strip = Image.fromarray(_to_eight_bits(np.asarray(strip), white))
        reduced.paste(strip.convert(mode).reduce(factor), (0, top // factor))
    return np.asarray(_turned(picture, reduced))


def _turned(picture: Image.Image, reduced: Image.Image) -> Image.Image:
    """`reduced` as the EXIF data of `picture` says."""
    if (orientation := picture.getexif().get(ExifTags.Base.Orientation, 1)) == 1:
        return reduced
    reduced.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(reduced)


def _white(picture: Image.Image) -> int:
    """Grey levels of 16 or 32 bits without a fixed range: white is the least usual one that nothing exceeds."""
    ranges = (65535,) if picture.mode.startswith("I;16") else (1, 255, 65535)
    largest = max(
        _numbers(np.asarray(picture.crop((0, top, picture.width, min(top + STRIP, picture.height))))).max(initial=0)
        for top in range(0, picture.height, STRIP)
    )
    return next((white for white in ranges if largest <= white), ranges[-1])


def _numbers(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values.astype(np.float64), nan=0, posinf=0, neginf=0)


def _to_eight_bits(values: np.ndarray, white: int) -> np.ndarray:
    return np.round(_numbers(values).clip(0, white) * (255 / white)).astype(np.uint8)
