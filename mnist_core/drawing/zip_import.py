"""Drawings in a ZIP file, as `collection.export_zip` packs them: read with bounds, and none taken unless all are good.

Whatever is in the file, it is refused within seconds: its list of names, its parts and all of them together are bounded
before anything is unpacked, and pictures before they are decoded.
"""

import hashlib
import io
import re
import zipfile
from typing import NamedTuple

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field, field_validator

from mnist_core.errors import RequestError
from mnist_core.runs.values import Time, Word
from mnist_core.system.files import parse_json
from mnist_core.system.plain_text import harmless
from mnist_core.system.sealing import is_broken
from mnist_core.system.zip_files import DamagedZipError, LongListError, is_plain, opened

ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
SUFFIXES = (".png", ".28.png", ".json")  # in the order they are written
MAX_ZIP = 100_000_000  # bytes, packed and unpacked; some 20,000 drawings
MAX_DRAWINGS = 20_000  # in one ZIP file
MAX_PART = {".png": 3_000_000, ".28.png": 10_000, ".json": 1_000_000}  # bytes unpacked
MAX_SIDE = 1500  # pixels of a picture, as `picture_files.pixels.READ_SIDE`
MAX_PIXELS = 50_000_000  # of all pictures, decoded in half a second; of further ones the checksums are believed
MAX_STROKES, MAX_POINTS = 500, 10_000  # of a drawing; a minute of drawing has some 4,000 points
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_DAMAGED = "This is no whole ZIP file: export the drawings again and choose that file."


class Note(BaseModel):
    """What is known of a drawing besides its picture: `<id>.json`."""

    label: int = Field(ge=0, le=9)
    time: Time
    strokes: list[list[tuple[float, float]]] = Field([], max_length=MAX_STROKES)  # in the unit box; none for an upload
    image_sha256: Word | None = None  # of <id>.28.png; older drawings have none

    @field_validator("strokes")
    @classmethod
    def _are_few_and_near(cls, strokes: list[list[tuple[float, float]]]) -> list[list[tuple[float, float]]]:
        if sum(map(len, strokes)) > MAX_POINTS:
            raise ValueError(f"more than {MAX_POINTS:,} points")
        if not all(abs(x) <= 100 and abs(y) <= 100 for stroke in strokes for x, y in stroke):  # NaN is refused too
            raise ValueError("points far outside the paper")
        return strokes


class Packed(NamedTuple):
    """One drawing of a ZIP file."""

    id: str
    note: Note
    picture: bytes  # PNG
    image: bytes  # PNG of 28x28


def read_zip(content: bytes) -> list[Packed]:
    """The drawings of a ZIP file. Raises RequestError, a sentence on what is wrong, where not all of it is good."""
    if len(content) > MAX_ZIP:
        raise RequestError(f"The ZIP file has more than {MAX_ZIP // 10**6} MB: split it.")
    try:
        with opened(io.BytesIO(content), 3 * MAX_DRAWINGS) as archive:
            files = _unpack(archive)
    except LongListError as error:
        raise _too_many() from error
    except (DamagedZipError, ValueError, OSError) as error:
        raise RequestError(_DAMAGED) from error
    ids = sorted(name.removesuffix(".json") for name in files if name.endswith(".json"))
    if not ids:
        raise RequestError("There are no drawings in this ZIP file: choose one that was exported here.")
    budget, found = MAX_PIXELS, []
    for drawing_id in ids:
        try:
            if not ID.fullmatch(drawing_id):
                raise ValueError("no id")
            note = read_note(files[f"{drawing_id}.json"])
            picture, image = files[f"{drawing_id}.png"], files[f"{drawing_id}.28.png"]
            width, height = png_size(picture)
            budget -= width * height
            check_png(picture, decode=budget > 0)
            if note is None or read_png(image).shape != (28, 28):
                raise ValueError("no note, or not 28x28")
            if note.image_sha256 not in (None, hashlib.sha256(image).hexdigest()):
                raise ValueError("another image than was kept")
        except (KeyError, ValueError) as error:
            raise _bad_drawing(drawing_id) from error
        found.append(Packed(drawing_id, note, picture, image))
    return found


def read_note(content: bytes) -> Note | None:
    """The content of `<id>.json`, or None where it is damaged."""
    try:
        said = parse_json(content)
        return None if is_broken(said) else Note.model_validate(said)
    except ValueError:  # pydantic's ValidationError is one
        return None


def png_size(content: bytes) -> tuple[int, int]:
    """Width and height that a PNG's header tells, nothing decoded. Raises ValueError where it is none, or too large."""
    signature, width, height = content[:16], int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    if signature != _PNG or not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise ValueError("no PNG, or too large")
    return width, height


def read_png(content: bytes) -> np.ndarray:
    """The pixels of a PNG file, uint8 (height, width). Raises ValueError where it is none, damaged or too large."""
    png_size(content)
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            return np.asarray(picture.convert("L"))
    except Exception as error:  # Pillow raises whatever a damaged byte makes it stumble over
        raise ValueError("a damaged PNG") from error


def check_png(content: bytes, decode: bool) -> None:
    """Raises ValueError where a PNG file is damaged: decoded it is, or else its checksums tell."""
    if decode:
        read_png(content)
        return
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            picture.verify()
    except Exception as error:
        raise ValueError("a damaged PNG") from error


def _unpack(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The parts of drawings by name; what else is in it is left alone."""
    parts = []
    for entry in archive.infolist():
        name, dot, ending = entry.filename.partition(".")
        most = MAX_PART.get(f"{dot}{ending}")
        if most is None and not entry.filename.endswith(".json"):
            continue
        if not is_plain(entry) or entry.file_size > (most or 0):
            raise _bad_drawing(name or entry.filename)
        parts.append(entry)
    if sum(entry.file_size for entry in parts) > MAX_ZIP:
        raise RequestError(f"The ZIP file unpacks to more than {MAX_ZIP // 10**6} MB: split it.")
    return {entry.filename: archive.read(entry) for entry in parts}


def _too_many() -> RequestError:
    return RequestError(f"The ZIP file has more than {MAX_DRAWINGS:,} drawings: split it.")


def _bad_drawing(drawing_id: str) -> RequestError:
    shown = harmless(drawing_id, 40)
    return RequestError(f"Drawing {shown!r} in this ZIP file is damaged, so none was added: export it again.")
