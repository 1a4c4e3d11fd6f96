"""A person's own digits, kept under `drawings/` with their labels: add, list, delete, take along, score a run on them.

Each is three files: `<id>.png` as drawn, `<id>.28.png` as the network saw it, and `<id>.json` with label, time, strokes
and digests, written last. What is damaged or lacks a file is left out, and `left_out` says so.
"""

import hashlib
import io
import json
import secrets
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from pydantic import ValidationError

from mnist_core.data.mnist import Arrays
from mnist_core.drawing.zip_import import ID, SUFFIXES, Note, check_png, read_note, read_png, read_zip
from mnist_core.errors import DamagedError, RequestError
from mnist_core.system import trash
from mnist_core.system.files import (
    home,
    keep_names,
    load_bytes,
    make_folder,
    write_atomically,
)
from mnist_core.system.program import command
from mnist_core.system.sealing import seal
from mnist_core.system.trash import Trashed

WRITE_SECONDS = 10.0  # the files of a drawing are written within milliseconds
_found_whole: set[tuple[Path, int, int, int, str | None]] = set()  # images that this process has checked


class Drawing(NamedTuple):
    """One kept drawing."""

    id: str
    note: Note

    @property
    def label(self) -> int:
        """The digit that its writer says it is."""
        return self.note.label

    def picture(self) -> np.ndarray:
        """As it was drawn: uint8 (height, width). Raises FailedError where it is damaged."""
        try:
            return read_png(load_bytes(path(self.id, ".png")))
        except ValueError as error:
            raise self.damaged() from error

    def image(self) -> np.ndarray:
        """As the network saw it: uint8 (28, 28). Raises FailedError where it is not what was kept."""
        try:
            content = load_bytes(path(self.id, ".28.png"))
            image = read_png(content)
        except ValueError as error:
            raise self.damaged() from error
        if image.shape != (28, 28) or self.note.image_sha256 not in (None, hashlib.sha256(content).hexdigest()):
            raise self.damaged()
        return image

    def is_whole(self) -> bool:
        """Whether `image` is what was kept; read once a process, unless the file changes."""
        file = path(self.id, ".28.png")
        try:
            stat = file.stat()
            stamp = (file, stat.st_ino, stat.st_mtime_ns, stat.st_size, self.note.image_sha256)
            if stamp not in _found_whole:
                self.image()
                _found_whole.add(stamp)
        except (OSError, DamagedError):
            return False
        return True

    def damaged(self) -> DamagedError:
        """The error that says what can be done about a damaged one."""
        return DamagedError(
            f"Drawing {self.id} is damaged: delete it (`{command()} drawings --delete {self.id}`), or import it again."
        )


def folder() -> Path:
    """Where the drawings are; it may not exist yet."""
    return home() / "drawings"


def add(label: int, picture: np.ndarray, image: np.ndarray, strokes: Sequence[np.ndarray] = ()) -> Drawing:
    """Keep a drawing: `picture` as drawn, uint8 grey, RGB or RGBA; `image` as prepared, uint8 (28, 28).

    `strokes` are (n, 2) each, in the unit box, where they are known. Raises FailedError when the disk refuses.
    """
    made = [[(float(x), float(y)) for x, y in np.reshape(stroke, (-1, 2))] for stroke in strokes]
    known = {"label": label, "time": time.time()}
    try:
        note = Note.model_validate({**known, "strokes": made})
    except ValidationError:  # more strokes than are kept: none is
        note = Note.model_validate(known)
    return _keep(note, _to_png(picture), _to_png(image))


def every() -> list[Drawing]:
    """All drawings, newest first; a damaged one is left out."""
    return look()[0]


def left_out(damaged: Sequence[str] | None = None) -> str | None:
    """A sentence on the damaged drawings, by default those that there are; None where there is none."""
    ids = look()[1] if damaged is None else damaged
    if not ids:
        return None
    more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
    return f"Left out as damaged: drawing {ids[0]}{more} in {folder()}. Delete it, or put a copy back."


def look() -> tuple[list[Drawing], list[str]]:
    """The drawings, newest first, and the ids of the damaged ones, which are left out; their files are gone through."""
    whole, broken = [], []
    for file in sorted(folder().glob("*.json")):
        if not ID.fullmatch(file.stem):
            continue
        note = None
        with suppress(ValueError):
            note = read_note(load_bytes(file))
        if note and (drawing := Drawing(file.stem, note)).is_whole():
            whole.append(drawing)
        else:
            broken.append(file.stem)
    broken += _without_note()
    return sorted(whole, key=lambda drawing: (drawing.note.time, drawing.id), reverse=True), broken


def _without_note() -> list[str]:
    """The ids of the pictures whose `<id>.json` is not there, unless they are being written now."""
    found = set()
    for file in folder().glob("*.png"):
        drawing_id = file.name.partition(".")[0]
        with suppress(OSError):  # deleted meanwhile
            is_old = abs(time.time() - file.stat().st_mtime) > WRITE_SECONDS
            if is_old and ID.fullmatch(drawing_id) and not path(drawing_id, ".json").exists():
                found.add(drawing_id)
    return sorted(found)


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


def refuse_unknown(drawing_id: str) -> None:
    """Raises RequestError when there is nothing of a drawing of this id."""
    if not ID.fullmatch(drawing_id) or not any(path(drawing_id, suffix).exists() for suffix in SUFFIXES):
        raise RequestError(f"There is no drawing {drawing_id!r}: see `{command()} drawings` for those there are.")


def delete(drawing_id: str) -> Trashed:
    """Move a drawing into the trash. Raises RequestError as `refuse_unknown`, FailedError when the disk refuses."""
    refuse_unknown(drawing_id)
    parts = [path(drawing_id, suffix) for suffix in reversed(SUFFIXES)]
    return trash.throw_away(drawing_id, [part for part in parts if part.exists()])


def export_zip() -> bytes:
    """All drawings in one ZIP file, for `import_zip`, which would refuse all for a damaged one.

    Raises RequestError where there is none, DamagedError where a picture, which no figure comes from, is damaged or
    missing.
    """
    if not every():
        raise RequestError("There are no drawings to export: keep one on the Draw page first.")
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        for drawing in every():
            try:
                parts = _parts(drawing.id)
            except ValueError as error:
                raise drawing.damaged() from error
            for suffix, content in parts.items():
                archive.writestr(f"{drawing.id}{suffix}", content)
    return packed.getvalue()


def import_zip(content: bytes) -> int:
    """Add the drawings of a ZIP file that `export_zip` made; returns how many were new, or here but damaged.

    Nothing is added unless all of it is good. Raises RequestError with a sentence on what is wrong.
    """
    packed, whole = read_zip(content), {drawing.id for drawing in every()}
    new = [found for found in packed if found.id not in whole or not _has_picture(found.id)]
    for found in new:
        _keep(found.note, found.picture, found.image, found.id, keep=False)
    keep_names(folder())
    return len(new)


def _parts(drawing_id: str) -> dict[str, bytes]:
    """The files of a drawing by their suffixes. Raises ValueError where its picture is damaged, or one is missing."""
    parts = {suffix: load_bytes(path(drawing_id, suffix)) for suffix in SUFFIXES}
    check_png(parts[".png"], decode=False)
    return parts


def _has_picture(drawing_id: str) -> bool:
    with suppress(ValueError):
        return bool(_parts(drawing_id))
    return False


def _keep(note: Note, picture: bytes, image: bytes, drawing_id: str | None = None, keep: bool = True) -> Drawing:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(note.time))
    drawing_id = drawing_id or f"{stamp}-{secrets.token_hex(3)}"
    make_folder(folder())
    note = note.model_copy(update={"image_sha256": hashlib.sha256(image).hexdigest()})
    said = json.dumps(seal(note.model_dump())).encode()
    for suffix, content in zip(SUFFIXES, (picture, image, said), strict=True):
        write_atomically(path(drawing_id, suffix), content, keep)
    return Drawing(drawing_id, note)


def path(drawing_id: str, suffix: str) -> Path:
    """Where a part of a drawing is kept: `suffix` is one of `SUFFIXES`."""
    return folder() / f"{drawing_id}{suffix}"


def _to_png(picture: np.ndarray) -> bytes:
    Image.fromarray(picture).save(file := io.BytesIO(), "PNG")
    return file.getvalue()
