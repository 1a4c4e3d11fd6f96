"""A person's own digits, kept under `drawings/` with their labels: add, list, delete, take along, score a run on them.

Each is three files: `<id>.png` as drawn, `<id>.28.png` as the network saw it, and `<id>.json` with label, time, strokes
and digests, written last. What has no `<id>.json` is not there; what is damaged is left out, and `left_out` says so.
"""

import hashlib
import io
import re
import secrets
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field, ValidationError

from mnist_core.data.mnist import Arrays
from mnist_core.errors import DamagedError, RequestError
from mnist_core.system.files import cannot_write, home, make_folder, read_json, write_atomically, write_json
from mnist_core.system.program import command
from mnist_core.system.sealing import is_broken, seal

MAX_ZIP = 100_000_000  # bytes unpacked; some 20,000 drawings
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
_seen_whole: set[tuple[Path, int, int, int, str | None]] = set()  # images that this process found whole
_SUFFIXES = (".png", ".28.png", ".json")  # in the order they are written


class Note(BaseModel):
    """What is known of a drawing besides its picture: `<id>.json`."""

    label: int = Field(ge=0, le=9)
    time: float  # seconds since the epoch
    strokes: list[list[tuple[float, float]]] = []  # in the unit box; none for an upload
    image_sha256: str | None = None  # of <id>.28.png; older drawings have none


class Drawing(NamedTuple):
    """One kept drawing."""

    id: str
    note: Note

    @property
    def label(self) -> int:
        """The digit that its writer says it is."""
        return self.note.label

    def picture(self) -> np.ndarray:
        """As it was drawn: uint8 (height, width)."""
        return _read_png(_path(self.id, ".png"))

    def image(self) -> np.ndarray:
        """As the network saw it: uint8 (28, 28). Raises DamagedError where it is not what was kept."""
        path = _path(self.id, ".28.png")
        try:
            return _read_image(path.read_bytes(), self.note)
        except (OSError, SyntaxError, ValueError) as error:
            raise DamagedError(f"{path} is damaged: delete the drawing, or put a copy back.") from error


def folder() -> Path:
    """Where the drawings are; it may not exist yet."""
    return home() / "drawings"


def add(label: int, picture: np.ndarray, image: np.ndarray, strokes: Sequence[np.ndarray] = ()) -> Drawing:
    """Keep a drawing: `picture` as drawn, uint8 grey, RGB or RGBA; `image` as prepared, uint8 (28, 28).

    `strokes` are (n, 2) each, in the unit box, where they are known. Raises FailedError when the disk refuses.
    """
    made = [[(float(x), float(y)) for x, y in np.reshape(stroke, (-1, 2))] for stroke in strokes]
    return _keep(Note(label=label, time=time.time(), strokes=made), _to_png(picture), _to_png(image))


def every() -> list[Drawing]:
    """All drawings, newest first; a damaged one is left out."""
    return sorted(_look()[0], key=lambda drawing: (drawing.note.time, drawing.id), reverse=True)


def left_out() -> str | None:
    """A sentence on the drawings that `every` leaves out because they are damaged; None where there is none."""
    damaged = _look()[1]
    if not damaged:
        return None
    more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
    return f"Left out as damaged: drawing {damaged[0]}{more} in {folder()}. Delete it, or put a copy back."


def _look() -> tuple[list[Drawing], list[str]]:
    """The whole drawings, and the ids of the damaged ones."""
    whole, damaged = [], []
    for path in sorted(folder().glob("*.json")):
        if not _ID.fullmatch(path.stem):
            continue
        note = _note(read_json(path))
        if note and _is_whole(Drawing(path.stem, note)):
            whole.append(Drawing(path.stem, note))
        else:
            damaged.append(path.stem)
    return whole, damaged


def _is_whole(drawing: Drawing) -> bool:
    path = _path(drawing.id, ".28.png")
    try:
        stat = path.stat()
        stamp = (path, stat.st_ino, stat.st_mtime_ns, stat.st_size, drawing.note.image_sha256)
        if stamp not in _seen_whole:
            drawing.image()
            _seen_whole.add(stamp)
    except (OSError, DamagedError):
        return False
    return True


def counts() -> np.ndarray:
    """How many drawings there are of each digit, int (10,)."""
    return np.bincount([drawing.label for drawing in every()], minlength=10)


def arrays(drawings: Sequence[Drawing]) -> Arrays:
    """The drawings as a split of the data set: images uint8 (n, 28, 28), labels uint8 (n,)."""
    images = [drawing.image() for drawing in drawings]
    return Arrays(
        np.stack(images) if images else np.empty((0, 28, 28), np.uint8),
        np.array([drawing.label for drawing in drawings], np.uint8),
    )


def delete(drawing_id: str) -> None:
    """Delete a drawing. Raises RequestError when there is none of this id, FailedError when the disk refuses."""
    if not _ID.fullmatch(drawing_id) or not _path(drawing_id, ".json").exists():
        raise RequestError(f"There is no drawing {drawing_id!r}: see `{command()} drawings` for those there are.")
    for suffix in reversed(_SUFFIXES):
        try:
            _path(drawing_id, suffix).unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(folder(), error) from error


def export_zip() -> bytes:
    """All drawings in one ZIP file, for `import_zip`."""
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        for drawing in every():
            for suffix in _SUFFIXES:
                archive.write(_path(drawing.id, suffix), f"{drawing.id}{suffix}")
    return packed.getvalue()


def import_zip(content: bytes) -> int:
    """Add the drawings of a ZIP file that `export_zip` made; returns how many were new.

    Nothing is added unless all of it is good. Raises RequestError with a sentence on what is wrong.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_ZIP:
                raise RequestError(f"The ZIP file unpacks to more than {MAX_ZIP // 10**6} MB: split it.")
            files = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise RequestError("This is no whole ZIP file: export the drawings again and choose that file.") from error
    good = []
    for name in sorted(files):
        drawing_id, dot, ending = name.partition(".")
        if f"{dot}{ending}" == ".json":
            good.append(_unpacked(drawing_id, files))
    if not good:
        raise RequestError("There are no drawings in this ZIP file: choose one that was exported here.")
    new = [found for found in good if not _path(found[0], ".json").exists()]
    for drawing_id, note, picture, image in new:
        _keep(note, picture, image, drawing_id)
    return len(new)


def _unpacked(drawing_id: str, files: dict[str, bytes]) -> tuple[str, Note, bytes, bytes]:
    import json

    try:
        note = _note(json.loads(files[f"{drawing_id}.json"]))
        picture, image = files[f"{drawing_id}.png"], files[f"{drawing_id}.28.png"]
        _read_png(io.BytesIO(picture))
        if note is not None:
            _read_image(image, note)
    except (KeyError, ValueError, OSError, SyntaxError) as error:
        raise _bad_drawing(drawing_id) from error
    if note is None or not _ID.fullmatch(drawing_id):
        raise _bad_drawing(drawing_id)
    return drawing_id, note, picture, image


def _bad_drawing(drawing_id: str) -> RequestError:
    return RequestError(f"Drawing {drawing_id[:40]!r} in this ZIP file is damaged, so none was added: export it again.")


def _keep(note: Note, picture: bytes, image: bytes, drawing_id: str | None = None) -> Drawing:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(note.time))
    drawing_id = drawing_id or f"{stamp}-{secrets.token_hex(3)}"
    make_folder(folder())
    write_atomically(_path(drawing_id, ".png"), picture)
    write_atomically(_path(drawing_id, ".28.png"), image)
    note = note.model_copy(update={"image_sha256": hashlib.sha256(image).hexdigest()})
    write_json(_path(drawing_id, ".json"), seal(note.model_dump()))
    return Drawing(drawing_id, note)


def _note(value: object) -> Note | None:
    try:
        return Note.model_validate(None if is_broken(value) else value)
    except ValidationError:
        return None


def _path(drawing_id: str, suffix: str) -> Path:
    return folder() / f"{drawing_id}{suffix}"


def _to_png(picture: np.ndarray) -> bytes:
    Image.fromarray(picture).save(file := io.BytesIO(), "PNG")
    return file.getvalue()


def _read_image(content: bytes, note: Note) -> np.ndarray:
    """A `.28.png`. Raises ValueError (or what Pillow does) where it is none, or not the one that the note names."""
    image = _read_png(io.BytesIO(content))
    if image.shape != (28, 28) or note.image_sha256 not in (None, hashlib.sha256(content).hexdigest()):
        raise ValueError(image.shape)
    return image


def _read_png(source: Path | io.BytesIO) -> np.ndarray:
    with Image.open(source, formats=("PNG",)) as picture:
        return np.asarray(picture.convert("L"))
