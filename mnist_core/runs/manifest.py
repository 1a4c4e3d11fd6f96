"""The manifest of a folder: size and SHA-256 of each file that figures come from, checked when the file is read.

A writer replaces manifest.json first, which then lists what a file is about to be beside what it still is, and the file
after it: killed at any moment, it leaves one of the two. The next writer drops the one that is not there any more.
A file that grows is listed by a prefix, its length at the last checkpoint. manifest.json holds its own digest.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple

from filelock import Timeout

from mnist_core.errors import DamagedError, FailedError
from mnist_core.system.files import (
    REPOSITORY,
    FolderLock,
    cannot_write,
    is_locked,
    leftovers,
    read_json,
    write_atomically,
)
from mnist_core.system.sealing import is_sealed, seal

NAME = "manifest.json"
FORMAT = 1
MAX_FILE = 1_000_000_000  # bytes
LOCK_SECONDS = 30.0  # a writer holds the lock for milliseconds; who takes an old run over, for a second
GROWING = ("metrics.jsonl", "events.jsonl")
_COVERED = re.compile(
    r"config\.json|checkpoint\.pt|own\.npz|[\w-]+\.safetensors"
    r"|(epochs/)?\d{4,}\.(safetensors|([\w-]+\.)+npy|(?!progress\.)[\w-]+\.json)"
)
_COMPUTED_AGAIN = (".npy", ".json")
_checked: set[tuple[Path, int, int, int]] = set()  # files that this process found as they were written


class Fingerprint(NamedTuple):
    """What a file's content is known by."""

    size: int  # bytes
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> "Fingerprint":
        """That of `content`."""
        return cls(len(content), hashlib.sha256(content).hexdigest())


class Manifest(NamedTuple):
    """What manifest.json says."""

    taken_over: bool = False  # made for files that were there before: damage done before is not known
    files: Mapping[str, tuple[Fingerprint | None, ...]] = {}  # the newest first; None: there may be no such file yet
    prefixes: Mapping[str, Fingerprint] = {}

    def as_json(self) -> dict[str, Any]:
        """For manifest.json."""
        return seal({"format": FORMAT, **self._asdict()})

    @classmethod
    def parse(cls, value: Any) -> "Manifest":
        """From the JSON value. Raises ValueError where it is none, or not as it was written."""
        if not is_sealed(value) or value.get("format") != FORMAT:
            raise ValueError(NAME)
        files = {name: tuple(each and Fingerprint(*each) for each in known) for name, known in value["files"].items()}
        return cls(value["taken_over"], files, {name: Fingerprint(*known) for name, known in value["prefixes"].items()})


def write(folder: Path, files: Mapping[str, bytes], prefixes: Mapping[str, Fingerprint] | None = None) -> None:
    """Replace files in `folder` (by their paths in it), and list them; `prefixes` are those of the growing ones.

    Raises FailedError when the disk refuses.
    """
    with _locked(folder):
        known = _load(folder) or _take_over(folder)
        if known is not None:  # else an older program trains it: its manifest comes when that has ended
            now = {name: _settled(folder / name, prints) for name, prints in known.files.items()}
            now = {name: prints for name, prints in now.items() if prints != (None,)}
            for name, content in files.items():
                if name in GROWING:
                    continue
                now[name] = tuple(dict.fromkeys((Fingerprint.of(content), *now.get(name, (None,))[:1])))
            lengths = {**known.prefixes, **(prefixes or {})}
            _save(folder, known._replace(files=now, prefixes=lengths))
        for name, content in files.items():
            write_atomically(folder / name, content)


def begin(folder: Path, files: Mapping[str, Fingerprint]) -> None:
    """List what was put into a new folder, each file as it is known to be. Raises FailedError as `write`."""
    with _locked(folder):
        whole = {name: (known,) for name, known in files.items() if _COVERED.fullmatch(name)}
        _save(folder, Manifest(False, whole, {name: files[name] for name in GROWING if name in files}))


def replace(path: Path, content: bytes) -> None:
    """`write`, for one file."""
    folder = _folder_of(path)
    write(folder, {path.relative_to(folder).as_posix(): content})


def adopt(folder: Path) -> None:
    """List the files of a run made before there were manifests; its trainer calls this, holding the run's lock.

    The temporary manifests of killed writers are removed: nobody else writes one meanwhile.
    """
    with _locked(folder):
        for path, name in leftovers(folder):
            if name == NAME:
                path.unlink(missing_ok=True)
        if _load(folder) is None:
            _take_over(folder, is_trainer=True)


def read(path: Path, most: int = MAX_FILE, take_over: bool = True) -> bytes:
    """The content of a run's file, which is what was written there; of at most `most` bytes.

    `take_over`: a run without a manifest gets one, where the folder can be written. Files outside of a run's folder,
    and those that no manifest covers, are read as they are.

    Raises OSError where it cannot be read, DamagedError where it is not what was written.
    """
    folder = _folder_of(path)
    while True:
        found = path.stat()
        if not S_ISREG(found.st_mode) or found.st_size > most:  # a pipe would never end
            raise DamagedError(f"{path} is damaged: no file, or more than {most:,} bytes. {_way_out(path)}")
        with path.open("rb") as file:
            content, stamp = file.read(), _stamp(path, os.fstat(file.fileno()))
        if stamp in _checked:
            return content
        known = _load(folder)
        if known is None and take_over and _may_be_taken_over(folder):
            with suppress(FailedError), _locked(folder):  # where it cannot be written, it is read as it is
                known = _load(folder) or _take_over(folder)
        if known is None:
            return content
        if _is_as_written(known, path.relative_to(folder).as_posix(), content):
            _checked.add(stamp)
            return content
        if _stamp(path, path.stat()) == stamp:  # else it was replaced between the two reads
            raise DamagedError(f"{path} is damaged: it is not what {NAME} says was written. {_way_out(path)}")


def check(path: Path, is_complete: Callable[[], bool] = lambda: False) -> None:
    """Raises DamagedError where the file is not what was written, or was and is no more.

    `is_complete` says of a growing file whether its last checkpoint holds all of it; then nothing may follow.
    """
    try:
        size = path.stat().st_size
        read(path, take_over=False)
    except OSError as error:
        if size := _prefix_size(path):
            raise DamagedError(f"{path} is missing. {_way_out(path)}") from error
        return
    # In this order: what a trainer adds meanwhile is more than the size known here, and its checkpoint is read last.
    if size > _prefix_size(path, size) and is_complete() and size > _prefix_size(path, size):
        raise DamagedError(f"{path} is damaged: it goes on after its end. {_way_out(path)}")


def _prefix_size(path: Path, unknown: int = 0) -> int:
    """The size of a growing file at its last checkpoint."""
    grown = (_load(path.parent) or Manifest()).prefixes.get(path.name)
    return unknown if grown is None else grown.size


def damaged(folder: Path) -> dict[Path, str]:
    """Each file in the manifest that is missing or not what was written, with a sentence on it."""
    found = {}
    known = _load(folder) or Manifest()
    for name in (*known.files, *known.prefixes):
        try:
            read(folder / name)
        except DamagedError as error:
            found[folder / name] = str(error)
        except OSError as error:
            grown = known.prefixes.get(name)
            if is_computed_again(folder / name):
                continue
            if None not in known.files.get(name, ()) and (grown is None or grown.size):
                found[folder / name] = f"{folder / name} is missing ({error.strerror}). {_way_out(folder / name)}"
    return found


def lost(folder: Path, pattern: str) -> list[str]:
    """The files whose paths in `folder` match `pattern` in full, and which were written but are there no more."""
    known = _load(folder) or Manifest()
    written = [name for name, prints in known.files.items() if None not in prints and re.fullmatch(pattern, name)]
    return sorted(name for name in written if not (folder / name).exists())


def is_computed_again(path: Path) -> bool:
    """Whether the file, where it is not there, is computed again from the weights."""
    return path.name != "config.json" and path.suffix in _COMPUTED_AGAIN


def is_taken_over(folder: Path) -> bool:
    """Whether the manifest was made for files that were there before, so that earlier damage is not known."""
    known = _load(folder)
    return known is not None and known.taken_over


def _is_as_written(known: Manifest, name: str, content: bytes) -> bool:
    if name in GROWING:
        grown = known.prefixes.get(name)
        return grown is None or Fingerprint.of(content[: grown.size]) == grown
    if _COVERED.fullmatch(name) is None:
        return True
    return Fingerprint.of(content) in known.files.get(name, ())


def _settled(path: Path, prints: tuple[Fingerprint | None, ...]) -> tuple[Fingerprint | None, ...]:
    """Of what the file may be, what it is; all of it where it is none of them."""
    if len(prints) == 1:
        return prints
    there = Fingerprint.of(path.read_bytes()) if path.exists() else None
    return (there,) if there in prints else prints


def _take_over(folder: Path, is_trainer: bool = False) -> Manifest | None:
    """The manifest for files that are there, written; None while an older program's trainer replaces them."""
    if not is_trainer and (folder / "config.json").exists() and is_locked(FolderLock(folder / ".lock")):
        return None
    there = {
        path.relative_to(folder).as_posix(): path
        for path in sorted((*folder.glob("*.*"), *folder.glob("epochs/*.*")))
        if path.is_file()
    }
    files = {name: (Fingerprint.of(path.read_bytes()),) for name, path in there.items() if _COVERED.fullmatch(name)}
    prefixes = {name: Fingerprint.of(path.read_bytes()) for name, path in there.items() if name in GROWING}
    made = Manifest(bool(files), files, prefixes)
    _save(folder, made)
    return made


def _may_be_taken_over(folder: Path) -> bool:
    is_run = (folder / "config.json").is_file() and folder != REPOSITORY / "shipped"
    return is_run and os.access(folder, os.W_OK)


def _save(folder: Path, made: Manifest) -> None:
    write_atomically(folder / NAME, (json.dumps(made.as_json()) + "\n").encode())


def _load(folder: Path) -> Manifest | None:
    path = folder / NAME
    if not path.exists():
        return None
    try:
        return Manifest.parse(read_json(path))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(
            f"{path} is damaged, so that the run's files cannot be checked: put a copy back, or delete it, and "
            "they are taken as they are."
        ) from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        with FolderLock(folder / ".manifest-lock").acquire(timeout=LOCK_SECONDS):
            yield
    except Timeout as error:
        raise FailedError(f"{folder / NAME} is locked by another process: try again.") from error
    except OSError as error:
        raise cannot_write(folder, error) from error


def _folder_of(path: Path) -> Path:
    return path.parent.parent if path.parent.name == "epochs" else path.parent


def _stamp(path: Path, stat: os.stat_result) -> tuple[Path, int, int, int]:
    return path, stat.st_ino, stat.st_mtime_ns, stat.st_size


def _way_out(path: Path) -> str:
    """What a person can do about a damaged file."""
    known = {
        "config.json": "Put a copy back, or delete the run.",
        "checkpoint.pt": "This run cannot go on; its curve and weights are kept. Put a copy back, or train a new run.",
        "own.npz": "Put a copy back, or fine-tune again.",
        "start.safetensors": "Put a copy back, or make the run again from its parent (`finetune`, `ablate --keep`).",
    }
    if path.name in known:
        return known[path.name]
    if path.name in GROWING:
        return f"Put a copy back, train the run again, or delete {NAME} to take its files as they are."
    if is_computed_again(path):
        return "Delete it: it is computed again from the weights."
    return "Put a copy back, train the run again, or choose another epoch or run."
