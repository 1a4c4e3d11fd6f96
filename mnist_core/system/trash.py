"""The trash: what a person deletes lies in `trash/` for 30 days and can be brought back; then it is gone.

Each deletion is a folder `<milliseconds since 1970>.<id>` that holds what was moved, under the path it had in
MNIST_HOME: `1795383241200.20261122-211401-cnn-3f9a/runs/20261122-211401-cnn-3f9a/`. What is older than 30 days is
removed at the next deletion.
"""

import errno
import os
import re
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mnist_core.errors import RequestError
from mnist_core.system.files import cannot_write, home, make_folder
from mnist_core.system.program import command

KEPT_DAYS = 30
_ENTRY = re.compile(r"[0-9]{1,15}\.[A-Za-z0-9_.-]{1,100}")


class Trashed(NamedTuple):
    """One deletion."""

    folder: Path

    @property
    def id(self) -> str:
        """Of the run, the sweep or the drawing."""
        return self.folder.name.partition(".")[2]

    @property
    def at(self) -> float:
        """When it was deleted, in seconds since 1970."""
        return int(self.folder.name.partition(".")[0]) / 1000

    @property
    def kind(self) -> str:
        """`run`, `sweep` or `drawing`: where it lay says it."""
        return next((name for name in ("run", "sweep") if (self.folder / f"{name}s").is_dir()), "drawing")

    def paths(self) -> list[Path]:
        """What was moved, from MNIST_HOME; a drawing's JSON file, which says that it is there, comes last."""
        found = [path.relative_to(self.folder) for path in self.folder.glob("*/*") if path.name[0] != "."]
        return sorted(found, key=lambda path: (path.suffix == ".json", path))


def folder() -> Path:
    """Where it is; it may not exist yet."""
    return home() / "trash"


def every() -> list[Trashed]:
    """What can be brought back, the last deletion first."""
    names = folder().iterdir() if folder().is_dir() else ()
    found = [Trashed(path) for path in names if _ENTRY.fullmatch(path.name)]
    return sorted((one for one in found if one.paths()), key=lambda one: (one.at, one.id), reverse=True)


def throw_away(its_id: str, paths: Sequence[Path]) -> Trashed:
    """Move these files or folders, all below MNIST_HOME, into the trash, in this order.

    Raises FailedError where the disk refuses.
    """
    thrown = Trashed(folder() / f"{time.time_ns() // 1_000_000}.{its_id}")
    for path in paths:
        to = thrown.folder / path.relative_to(home())
        make_folder(to.parent)
        _move(path, to)
    with suppress(OSError):  # the next deletion tries again
        for old in every():
            if time.time() - old.at > KEPT_DAYS * 86_400:
                _remove(old.folder)
        for half_removed in folder().glob(".*"):
            _remove(half_removed)
    return thrown


def find(selector: str) -> Trashed:
    """What was deleted under this id, the last time, or the only one whose id begins so.

    Raises RequestError where there is none, or more than one.
    """
    known = every()
    if same := [one for one in known if one.id == selector]:
        return same[0]
    matches = [one for one in known if selector and one.id.startswith(selector)]
    if not matches:
        raise RequestError(f"There is no {selector!r} in the trash: see `{command()} runs trash` for what is there.")
    if len({one.id for one in matches}) > 1:
        raise RequestError(f"{selector!r} begins {len(matches)} ids in the trash: give more of the id.")
    return matches[0]


def restore(thrown: Trashed) -> None:
    """Put it back where it was.

    Raises RequestError where it is no longer there or its place is taken, FailedError where the disk refuses.
    """
    paths = thrown.paths()
    if not paths:
        raise RequestError(f"{thrown.id} is no longer in the trash.")
    if taken := [path for path in paths if not _is_free(home() / path)]:
        raise RequestError(f"{home() / taken[0]} is there already: rename or delete that one first.")
    for path in paths:
        make_folder((home() / path).parent)
        if (home() / path).is_dir():
            _remove(home() / path)
        _move(thrown.folder / path, home() / path)
    with suppress(OSError):  # what another process is just moving into it stays
        for emptied in {path.parent for path in paths}:
            (thrown.folder / emptied).rmdir()
        thrown.folder.rmdir()


def empty() -> int:
    """Remove for good all that is in the trash; returns how many deletions that were.

    Raises FailedError where the disk refuses.
    """
    count = len(every())
    try:
        for path in list(folder().iterdir()) if folder().is_dir() else ():
            _remove(path)
    except OSError as error:
        raise cannot_write(folder(), error) from error
    return count


def _is_free(path: Path) -> bool:
    """Whether nothing is lost where something is put there: at most a folder with the locks of who looked for it."""
    if not path.is_dir():
        return not os.path.lexists(path)
    return all(inner.is_dir() or re.fullmatch(r"\..*lock", inner.name) for inner in path.rglob("*"))


def _move(path: Path, to: Path) -> None:
    """Rename; where the trash lies on another disk, copy first, so that a kill leaves one whole at least."""
    try:
        try:
            path.rename(to)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            half = to.with_name(f".{to.name}")
            if half.exists():
                _remove(half)
            if path.is_dir():
                shutil.copytree(path, half, symlinks=True)
            else:
                shutil.copy2(path, half)
            half.rename(to)
            _remove(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def _remove(path: Path) -> None:
    """Remove a file or a folder; a folder's name goes first, so that a kill leaves nothing that looks whole."""
    if path.is_symlink() or not path.is_dir():  # a pipe as well
        path.unlink()
    else:
        shutil.rmtree(path if path.name.startswith(".") else path.rename(path.with_name(f".{path.name}")))
