"""Exports that a page hands over: each is written once, by a process of its own, and kept for a while in the cache.

`python -m mnist_core.export.preparation` is that process. One writes at a time, whoever has asked. What it has written
lies under `cache/exports/` in MNIST_HOME, whole or not at all, for the run as it was: when that has changed, another
is written. The newest `MOST` are kept.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sys
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ValidationError

from mnist_core.errors import FailedError, MnistError, RequestError
from mnist_core.export.folder import new_folder
from mnist_core.export.formats import Format, find
from mnist_core.export.written import Written
from mnist_core.runs import progress
from mnist_core.runs.progress import Progress, reporting_failure
from mnist_core.runs.records import ACTIVE
from mnist_core.runs.run import Run, answering_epoch
from mnist_core.runs.values import Count, Sentence, Word
from mnist_core.system import processes
from mnist_core.system.files import FolderLock, cannot_read, home, is_locked, make_folder, read_json, write_json
from mnist_core.system.program import VERSION

MOST, MOST_BYTES = 30, 500_000_000  # exports that are kept; one that is larger by itself is kept alone
MOST_WAITING = 4  # that are written or wait for it
LIMIT_SECONDS = 900.0  # one that takes longer hangs, and would keep the others from their turn
_CHANGED = "The run was trained on meanwhile: prepare it again, or wait for the training's end."
_COMPUTED = ("calibration.json", "robustness.json")  # from the weights, and in some exports
_starting = threading.Lock()  # two sessions of the dashboard are two threads


class Outcome(BaseModel):
    """An export that is there: outcome.json beside the file."""

    file: Word  # its name
    size: Count  # bytes
    is_packed: bool  # a ZIP of several files
    sentence: Sentence  # how to use it
    check: Sentence | None  # what was checked


@dataclass(frozen=True)
class Preparation:
    """A run, as it is now, in one format. `folder` holds all that belongs to it."""

    run: Run
    form: str
    folder: Path

    def outcome(self) -> Outcome | None:
        """What there is to hand over; None where it is not written yet."""
        try:
            found = Outcome.model_validate(read_json(self._whole / "outcome.json"))
        except ValidationError:
            return None
        return found if (self._whole / found.file).is_file() else None

    def content(self) -> bytes:
        """The file to hand over. Raises FailedError where it was removed meanwhile, for others that are newer."""
        found = self.outcome()
        if found is None:
            raise FailedError("This export is no longer kept: prepare it again.")
        try:
            return (self._whole / found.file).read_bytes()
        except OSError as error:
            raise cannot_read(self._whole / found.file, error) from error

    def progress(self) -> Progress | None:
        """How far it is; None where nobody has asked, or it is there."""
        return progress.look(self._progress, self._lock())

    def touched(self) -> float:
        """When somebody last asked for it, in seconds since 1970; 0 where nobody has."""
        try:
            return self.folder.stat().st_mtime
        except OSError:
            return 0.0

    def start(self) -> None:
        """Write it in a process of its own, unless it is there or somebody is at it.

        Raises RequestError where too many are waited for, FailedError where no process can be started.
        """
        with _starting:
            now = self.progress()
            if self.outcome() is not None or (now and now.is_active):
                return
            if len([each for each in _folders() if _is_active(each)]) >= MOST_WAITING:
                raise RequestError(f"{MOST_WAITING} other exports are being written: try again in a minute.")
            make_folder(self.folder)
            progress.report(self._progress, "starting")
            command = [str(self.run.path), self.form, self.folder.name]
            processes.start_command(command, self._log, "mnist_core.export.preparation")

    def write(self, on_turn: Callable[[], None] = lambda: None) -> Outcome:
        """What is there, or else is written now, after others that are being written; `on_turn` is called before.

        Raises what the format raises, and RequestError where the run is another now; it is left in the progress file.
        """
        make_folder(self.folder)
        with self._lock():
            found = self.outcome()
            if found is None:
                with reporting_failure(self._progress, self._log):
                    progress.report(self._progress, "waiting")
                    with FileLock(exports_folder() / ".lock"):
                        progress.report(self._progress, "running")
                        on_turn()
                        found = self._write()
                        _remove_old(keep=self.folder)
            self._progress.unlink(missing_ok=True)
            return found

    def _write(self) -> Outcome:
        for left in self.folder.glob(f".{self._whole.name}.*"):  # by one that was killed
            shutil.rmtree(left, ignore_errors=True)
        self._refuse_changed()
        form = find(self.form)
        with new_folder(self._whole) as folder:
            inside = folder / "written"
            inside.mkdir()
            name = f"{self.run.id}-{self.form}{form.ending or ''}"
            with contextlib.chdir(inside):  # what it says of the file must hold where it will lie
                written = form.write(self.run, name)
            file = _handed_over(inside, name)
            shutil.rmtree(inside)
            self._refuse_changed()
            found = _outcome(file, written, is_packed=file.name != name)
            write_json(folder / "outcome.json", found.model_dump())
        return found

    def _refuse_changed(self) -> None:
        if preparations(self.run, (self.form,))[self.form] != self:
            raise RequestError(_CHANGED)

    @property
    def _whole(self) -> Path:
        return self.folder / "whole"

    @property
    def _progress(self) -> Path:
        return self.folder / "progress.json"

    @property
    def _log(self) -> Path:
        return self.folder / "log.txt"

    def _lock(self) -> FolderLock:
        return FolderLock(self.folder / ".lock")


def exports_folder() -> Path:
    """Where they are; it may not exist yet."""
    return home() / "cache" / "exports"


def preparations(run: Run, forms: tuple[str, ...]) -> dict[str, Preparation]:
    """The run as it is now in each of these formats. Raises as `answering_epoch`.

    While it trains, it is another run with each epoch whose weights are saved, not with each update.
    """
    epoch = answering_epoch(run)
    files = [run.path / "config.json", run.path / "notes.json", run.weights(epoch)]
    files += [run.derived(epoch, ending) for ending in _COMPUTED]
    if run.status().state not in ACTIVE:
        files += [run.path / name for name in ("metrics.jsonl", "events.jsonl", "status.json")]
    about = json.dumps([VERSION, str(run.path), epoch, [_stamp(path) for path in files]])
    digest = hashlib.sha256(about.encode()).hexdigest()[:16]
    return {form: Preparation(run, form, exports_folder() / f"{run.id}-{form}-{digest}") for form in forms}


def missing(form: Format, run: Run) -> str | None:
    """A sentence on why this format cannot be written of this run, or lacks a package; None where it can be written."""
    try:
        if form.refuse_run is not None:
            form.refuse_run(run)
        form.refuse_missing(str(exports_folder() / f"new{form.ending}"))
    except MnistError as error:
        return str(error)
    return None


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _handed_over(inside: Path, name: str) -> Path:
    """What lies in `inside` as one file beside it: the file `name`, or where there are several a ZIP of them."""
    files = sorted(path for path in inside.rglob("*") if path.is_file())
    if files == [inside / name]:
        return files[0].rename(inside.parent / name)
    base = Path(name).stem if Path(name).suffix else name
    packed = inside.parent / f"{base}.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            inner = path.relative_to(inside)
            archive.write(path, inner if (inside / name).is_dir() else Path(base) / inner)
    return packed


def _outcome(file: Path, written: Written, is_packed: bool) -> Outcome:
    check = written.check.sentence if written.check else None
    sentence = f"Unpack it. {written.sentence}" if is_packed else written.sentence
    return Outcome(file=file.name, size=file.stat().st_size, is_packed=is_packed, sentence=sentence, check=check)


def _folders() -> list[Path]:
    """Of all exports, the newest first."""
    with contextlib.suppress(OSError):
        found = [path for path in exports_folder().iterdir() if path.is_dir()]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    return []


def _is_active(folder: Path) -> bool:
    said = progress.look(folder / "progress.json", FolderLock(folder / ".lock"))
    return said is not None and said.is_active


def _remove_old(keep: Path) -> None:
    """Remove what is more than is kept, the oldest first; for who writes, before whom no other does."""
    size = _size(keep)
    for place, folder in enumerate((path for path in _folders() if path != keep), start=2):
        size += _size(folder)
        is_in_use = is_locked(FolderLock(folder / ".lock")) or _is_active(folder)
        if (place > MOST or size > MOST_BYTES) and not is_in_use:
            shutil.rmtree(folder, ignore_errors=True)


def _size(folder: Path) -> int:
    with contextlib.suppress(OSError):
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return 0


def main() -> int:
    """Write the export that the arguments name: the run's folder, the format, the folder's name."""
    path, form, name = sys.argv[1:]
    asked = Preparation(Run(Path(path)), form, exports_folder() / name)

    def give_up() -> None:
        progress.report(asked.folder / "progress.json", "failed", error="It took too long and was ended.")
        os._exit(1)

    watch = threading.Timer(LIMIT_SECONDS, give_up)
    watch.daemon = True
    with contextlib.suppress(MnistError):  # the progress file says it
        asked.write(watch.start)
        return 0
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
