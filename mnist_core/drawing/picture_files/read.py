"""An image file -> its pixels: grey, or with transparency."""

import os
import stat
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from mnist_core.drawing.ink.find import MIN_CONTRAST
from mnist_core.drawing.ink.grey import to_grey
from mnist_core.drawing.picture_files import limits
from mnist_core.drawing.picture_files.kinds import HEAD, kind_of
from mnist_core.drawing.picture_files.pixels import READ_SIDE, clearest_channel, to_array
from mnist_core.errors import RequestError


def read_picture(source: Path | bytes, name: str | None = None) -> np.ndarray:
    """Decode an image file: uint8 (height, width) grey, or (height, width, 4) where it has transparency.

    Turned as its EXIF data says, reduced by a whole factor to at most `READ_SIDE` pixels a side. Of several pictures
    the main one; of an animation, or of pages, the first, or where that is empty the last that is not.

    Raises RequestError, naming the file and what it is, when it is missing, no picture, damaged or too large.
    """
    name = name or (str(source) if isinstance(source, Path) else "The file")
    try:
        with _opened(source, name) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            kind = kind_of(head := file.read(HEAD), name)
            limits.check_bytes(kind, size, name)
            if kind == "PPM":
                limits.check_header(head)
            return _decode(file, kind, name)
    except RequestError:
        raise
    except FileNotFoundError as error:
        raise RequestError(f"{name} does not exist: check the path.") from error
    except NotADirectoryError as error:
        raise RequestError(f"{name} does not exist: check the path.") from error
    except PermissionError as error:
        raise RequestError(f"{name} cannot be read: check its permissions.") from error
    except ModuleNotFoundError as error:
        raise RequestError(f"{name} is a HEIC picture: install pillow-heif, or save it as a JPEG file.") from error
    except Image.DecompressionBombError as error:
        raise RequestError(f"{name} has more pixels than it says: save it again.") from error
    except Exception as error:  # Pillow's decoders raise whatever a damaged byte makes them stumble over
        raise RequestError(f"{name} is a damaged picture: save it again.") from error


def _opened(source: Path | bytes, name: str) -> BinaryIO:
    """The file to read from, which is a regular one: a pipe or a device may never end."""
    if isinstance(source, bytes):
        return BytesIO(source)
    mode = source.stat().st_mode
    if stat.S_ISDIR(mode):
        raise RequestError(f"{name} is a folder: name the pictures in it.")
    if not stat.S_ISREG(mode):
        raise RequestError(f"{name} is a pipe or a device: give a picture's file.")
    return source.open("rb")


def _decode(file: BinaryIO, kind: str, name: str) -> np.ndarray:
    if kind == "ICO":
        limits.check_icon(file, name)
    halvings = 0  # of a JPEG 2000, as it is decoded

    def again() -> Any:
        picture = _open(file, kind)
        if kind == "JPEG2000":
            picture.reduce = halvings
        return picture

    with closing(_open(file, kind)) as picture:
        limits.check_size(kind, picture.size, name)
        if kind == "JPEG":
            file.seek(0)
            limits.check_scans(file.read(), picture.size, name)
        if kind == "JPEG2000":
            file.seek(0)
            most = (max(picture.size) // READ_SIDE).bit_length() - 1
            halvings = limits.halvings(file.read(HEAD), max(0, most))
            limits.check_size("JPEG2000 as decoded", (picture.width >> halvings, picture.height >> halvings), name)
            picture.reduce = halvings
        first = clearest_channel(to_array(picture, again), again)
        if kind in _ANIMATED and _is_blank(first):
            return _last_picture(picture, kind, name, first)
        return first


_ANIMATED = ("GIF", "PNG", "WEBP", "TIFF", "AVIF")


def _open(file: BinaryIO, kind: str) -> Any:
    """The file opened by the one plugin of Pillow's that reads its kind, nothing decoded.

    Not by `Image.open`, which refuses photographs of 200 million pixels before it is known how they are decoded.
    """
    file.seek(0)
    if kind == "HEIF":
        import pillow_heif

        return pillow_heif.HeifImageFile(file)  # type: ignore[no-untyped-call]
    Image.preinit()
    if kind not in Image.OPEN:
        Image.init()
    factory, _ = Image.OPEN[kind]
    if kind == "JPEG":  # the first picture of several: not as an MPO file, which has all of them
        from PIL.JpegImagePlugin import JpegImageFile

        return JpegImageFile(file)
    return factory(file, "")


def _is_blank(picture: np.ndarray) -> bool:
    grey = to_grey(picture)
    return bool(grey.size == 0 or np.ptp(grey) < MIN_CONTRAST)


def _last_picture(picture: Any, kind: str, name: str, first: np.ndarray) -> np.ndarray:
    """Of an animation, or of pages, that begin empty: the last that is not empty, or else the first."""
    found, seen = first, picture.width * picture.height
    for number in range(1, limits.MOST_FRAMES + 1):
        try:
            picture.seek(number)
        except EOFError:
            return found
        limits.check_size(kind, picture.size, name)
        seen += picture.width * picture.height
        if number == limits.MOST_FRAMES or seen > limits.FRAME_PIXELS:
            break
        later = to_array(picture)
        found = found if _is_blank(later) else later
    raise RequestError(f"{name} begins empty and has many pictures: give the one with the digit.")
