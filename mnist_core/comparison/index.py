"""All runs of the store as entries, each read once and kept until one of its files changes.

What was read is kept in this process, and for the next one in `cache/runs-index.json` under MNIST_HOME. That file may
be deleted at any time; it is never believed over the files: an entry counts only while size, time and inode of all
that it was read from are the same.
"""

import hashlib
import json
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from mnist_core.comparison.entry import Entry, read
from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import FailedError
from mnist_core.runs import store
from mnist_core.runs.records import ACTIVE
from mnist_core.runs.run import Run
from mnist_core.system.files import home, load_bytes, make_folder, quick_stat, write_atomically

_FILES = ("config.json", "status.json", "metrics.jsonl", "notes.json")
_MAX_BYTES = 500_000_000
_WORTH_WRITING = 50  # so many entries must be new, or a tenth: a run that trains changes each second
_FRESH_SECONDS = 1.0  # a second change within a tick of the file system's clock would go unseen

Stamp = tuple[int, int, int] | None  # time in ns, size, inode; None: no such file


class _Kept(NamedTuple):
    stamps: tuple[Stamp, ...]
    entry: Entry


class _File(NamedTuple):
    """runs-index.json."""

    version: str
    kept: dict[str, _Kept]


_reader = TypeAdapter(_File)


class Index:
    """The entries of one store."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "cache" / "runs-index.json"
        self._lock = threading.Lock()  # sessions are threads
        self._kept = self._load()
        self._unwritten = 0

    def entries(self) -> list[Entry]:
        """Every run, newest first; only what has changed is read."""
        with self._lock:
            known, found, kept = self._kept, [], {}
            now, folder = time.time(), store.runs_folder()
            for run_id in store.ids():
                stamps = _stamps(f"{folder}/{run_id}")
                last = known.get(run_id)
                if last is None or last.stamps != stamps:
                    last = _Kept(stamps, read(Run(folder / run_id)))
                    if _is_lasting(last, now):
                        kept[run_id] = last
                        self._unwritten += 1
                else:
                    kept[run_id] = last
                found.append(last.entry)
            self._kept = kept
            if self._unwritten >= max(_WORTH_WRITING, len(kept) // 10):
                self._save()
            return found

    def _load(self) -> dict[str, _Kept]:
        with suppress(ValueError, ValidationError):
            file = _reader.validate_json(load_bytes(self._path, _MAX_BYTES))
            if file.version == _version():
                return file.kept
        return {}

    def _save(self) -> None:
        with suppress(FailedError):  # where it cannot be written, the next process reads the runs again
            make_folder(self._path.parent)
            write_atomically(self._path, _reader.dump_json(_File(_version(), self._kept), exclude_defaults=True))
        self._unwritten = 0


_indices: dict[Path, Index] = {}
_lock = threading.Lock()


def entries() -> list[Entry]:
    """Every run of the store, newest first, also the damaged ones; the shipped one is not among them."""
    folder = home()
    with _lock:
        index = _indices.get(folder) or _indices.setdefault(folder, Index(folder))
    return index.entries()


def _stamps(folder: str) -> tuple[Stamp, ...]:
    return tuple(_stamp(f"{folder}/{name}") for name in _FILES)


def _stamp(path: str) -> Stamp:
    stat = quick_stat(path)
    return None if stat is None else (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _is_lasting(kept: _Kept, now: float) -> bool:
    """Whether the entry says the same until a file changes, and such a change would be seen.

    A run that is active may die; a damaged one may be mended by a file that is not looked at (`manifest.json`).
    """
    newest = max((stamp[0] for stamp in kept.stamps if stamp), default=0)
    is_settled = kept.entry.state not in (*ACTIVE, "damaged")
    return is_settled and now - newest / 1e9 > _FRESH_SECONDS


def _version() -> str:
    """Another where entries are read otherwise, or a default is another: what differs from the defaults is kept."""
    said = json.dumps([1, TrainConfig().model_dump(), sorted(Entry.model_fields)])
    return hashlib.sha256(said.encode()).hexdigest()
