"""A person's own digits, kept under `drawings/` with their labels: add, list, delete, take along, score a run on them.

Each is three files: `<id>.png` as drawn, `<id>.28.png` as the network saw it, and `<id>.json` with label, time and
strokes, written last. What has no whole `<id>.json` is not there.
"""

import io
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
from mnist_core.drawing.zip_import import ID, SUFFIXES, Note, read_note, read_png, read_zip
from mnist_core.errors import DamagedError, RequestError
from mnist_core.runs import trash
from mnist_core.runs.trash import Trashed
from mnist_core.system.files import (
    home,
    load_bytes,
    make_folder,
    write_atomically,
    write_json,
)
from mnist_core.system.program import command


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
        return self._pixels(".png")

    def image(self) -> np.ndarray:
        """As the network saw it: uint8 (28, 28). Raises FailedError where it is damaged."""
        image = self._pixels(".28.png")
        if image.shape != (28, 28):
            raise self._damaged()
        return image

    def is_whole(self) -> bool:
        """Whether `image` can be read."""
        with suppress(DamagedError):
            self.image()
            return True
        return False

    def _pixels(self, suffix: str) -> np.ndarray:
        try:
            return read_png(load_bytes(path(self.id, suffix)))
        except ValueError as error:
            raise self._damaged() from error

    def _damaged(self) -> DamagedError:
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
    found = []
    for file in folder().glob("*.json"):
        with suppress(ValueError):
            note = read_note(load_bytes(file))
            if note and ID.fullmatch(file.stem) and path(file.stem, ".28.png").exists():
                found.append(Drawing(file.stem, note))
    return sorted(found, key=lambda drawing: (drawing.note.time, drawing.id), reverse=True)


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
    """Raises RequestError when there is no drawing of this id."""
    if not ID.fullmatch(drawing_id) or not path(drawing_id, ".json").exists():
        raise RequestError(f"There is no drawing {drawing_id!r}: see `{command()} drawings` for those there are.")


def delete(drawing_id: str) -> Trashed:
    """Move a drawing into the trash. Raises RequestError as `refuse_unknown`, FailedError when the disk refuses."""
    refuse_unknown(drawing_id)
    parts = [path(drawing_id, suffix) for suffix in reversed(SUFFIXES)]
    return trash.throw_away(drawing_id, [part for part in parts if part.exists()])


def export_zip() -> bytes:
    """All drawings in one ZIP file, for `import_zip`."""
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        for drawing in every():
            for suffix in SUFFIXES:
                archive.write(path(drawing.id, suffix), f"{drawing.id}{suffix}")
    return packed.getvalue()


def import_zip(content: bytes) -> int:
    """Add the drawings of a ZIP file that `export_zip` made; returns how many were new.

    Nothing is added unless all of it is good. Raises RequestError with a sentence on what is wrong.
    """
    new = [found for found in read_zip(content) if not path(found.id, ".json").exists()]
    for found in new:
        _keep(found.note, found.picture, found.image, found.id)
    return len(new)


def _keep(note: Note, picture: bytes, image: bytes, drawing_id: str | None = None) -> Drawing:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(note.time))
    drawing_id = drawing_id or f"{stamp}-{secrets.token_hex(3)}"
    make_folder(folder())
    write_atomically(path(drawing_id, ".png"), picture)
    write_atomically(path(drawing_id, ".28.png"), image)
    write_json(path(drawing_id, ".json"), note.model_dump())
    return Drawing(drawing_id, note)


def path(drawing_id: str, suffix: str) -> Path:
    """Where a part of a drawing is kept: `suffix` is one of `SUFFIXES`."""
    return folder() / f"{drawing_id}{suffix}"


def _to_png(picture: np.ndarray) -> bytes:
    Image.fromarray(picture).save(file := io.BytesIO(), "PNG")
    return file.getvalue()
