"""`import`: a run from somebody else's ZIP file into this store, whole and checked, or not at all."""

import hashlib
import io
import os
import re
import secrets
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from mnist_core.errors import MnistError, RequestError
from mnist_core.export.run_zip import checks
from mnist_core.export.run_zip.contents import (
    LISTING,
    MAX_LISTING,
    MAX_NAMES,
    MAX_UNPACKED,
    MAX_ZIP,
    NEEDED,
    Listing,
    at_rest,
    most_bytes,
    taken_along,
)
from mnist_core.runs import manifest, own_digits, store
from mnist_core.runs.manifest import Fingerprint
from mnist_core.runs.records import Import
from mnist_core.runs.run import Run, valid
from mnist_core.system.files import cannot_write, make_folder, parse_json, write_json
from mnist_core.system.plain_text import harmless
from mnist_core.system.program import command
from mnist_core.system.sealing import is_sealed
from mnist_core.system.zip_files import DamagedZipError, LongListError, is_plain, opened, unpacked

_AGAIN = "nothing was imported; export the run again (`--format zip`), and take that file"


class Imported(NamedTuple):
    """What came of an import."""

    run: Run
    was_here: bool  # the very run was in this store already, and nothing was changed

    @property
    def sentence(self) -> str:
        """For a person."""
        if self.was_here:
            return f"{self.run.id} is here already, as it is in this file: nothing was changed."
        return f"{self.run.id} is imported: `{command()} resume`, `verify` and `compare` take it like any other run."


def import_run(source: Path | bytes, name: str | None = None, new_id: bool = False) -> Imported:
    """Take the run in a ZIP file, or in its content, into the store; `name` is what the file is called.

    Every file is checked and nothing in it is run. A run that is here already under its id is never replaced: where it
    is another one, `new_id` imports this one beside it. A copy of a run that was training is `interrupted`.

    Raises RequestError, a sentence on what is wrong and what to do, and FailedError where the disk refuses; the store
    is then as it was.
    """
    name = harmless(name or (source.name if isinstance(source, Path) else "The file"), 60)
    folder = make_folder(store.runs_folder()) / f"{store.INCOMING}{secrets.token_hex(8)}"
    with suppress(OSError):
        store.sweep_half_created()
    try:
        with _open(source, name) as file:
            make_folder(folder)
            listing = unpack(file, folder, name)
        with suppress(FileNotFoundError):
            if _is_same(store.runs_folder() / listing.run, folder, listing):
                return Imported(Run(store.runs_folder() / listing.run), True)
        _settle(Run(folder), listing, name)
        return Imported(_move(folder, _new_id(folder, listing) if new_id else listing.run, name), False)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unpack(file: BinaryIO, folder: Path, name: str, way_out: str = _AGAIN) -> Listing:
    """Put the files of a run into a folder that is empty, each as `export.json` lists it and as a trainer writes it.

    Raises RequestError on `name`, the file, where anything is wrong; `way_out` says what a person can do then.
    """
    if file.seek(0, os.SEEK_END) > MAX_ZIP:
        raise RequestError(f"{name} has more than {MAX_ZIP // 10**6} MB: {way_out}.")
    try:
        with opened(file, MAX_NAMES) as archive:
            entries = _entries(archive)
            listing = _listing(archive, entries.pop(LISTING))
            _refuse_others(entries, listing)
            (folder / "epochs").mkdir()
            for path, entry in entries.items():
                _write(archive, entry, folder / path, Fingerprint(*listing.files[path]))
        manifest.begin(folder, {path: Fingerprint(*known) for path, known in listing.files.items()})
        _check(folder, listing)
    except LongListError as error:
        raise RequestError(f"{name} holds too many files: {way_out}.") from error
    except DamagedZipError as error:
        raise RequestError(f"{name} is no whole ZIP file: {way_out}.") from error
    except ValueError as error:
        raise RequestError(f"{name} {error}: {way_out}.") from error
    return listing


@contextmanager
def _open(source: Path | bytes, name: str) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    if not source.is_file():  # a pipe would never end
        raise RequestError(f"{harmless(str(source))} is no file: name a ZIP file that `export --format zip` wrote.")
    try:
        file = source.open("rb")
    except OSError as error:
        raise RequestError(f"{name} cannot be read ({error.strerror}): check its rights.") from error
    with file:
        yield file


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files by their paths in the run's folder. Raises ValueError, a reason."""
    found: dict[str, zipfile.ZipInfo] = {}
    listings = [entry.filename for entry in archive.infolist() if entry.filename.endswith(f"/{LISTING}")]
    if len(listings) != 1 or listings[0].count("/") != 1:
        raise ValueError("is no run that `export --format zip` wrote")
    top = listings[0].removesuffix(LISTING)
    total = 0
    for entry in archive.infolist():
        if entry.filename in (top, f"{top}epochs/") and not entry.file_size:
            continue  # folders, where somebody packed it again
        if entry.filename.startswith("__MACOSX/") or entry.filename.endswith("/.DS_Store"):
            continue  # what a Mac adds then
        inner = entry.filename.removeprefix(top)
        shown = harmless(ascii(entry.orig_filename)[1:-1], 60)
        most = MAX_LISTING if inner == LISTING else most_bytes(inner)
        if most is None or not entry.filename.startswith(top):
            raise ValueError(f"holds {shown!r}, which is no file of a run")
        if inner in found:
            raise ValueError(f"holds {inner} twice")
        if not is_plain(entry):
            raise ValueError(f"holds {inner} encrypted, as a link or packed in an odd way")
        if entry.file_size > most:
            raise ValueError(f"holds {inner} with {entry.file_size:,} bytes, more than {most:,}")
        total += entry.file_size
        found[inner] = entry
    if total > MAX_UNPACKED:
        raise ValueError(f"unpacks to more than {MAX_UNPACKED // 10**6} MB")
    return found


def _listing(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Listing:
    try:
        said = parse_json(b"".join(unpacked(archive, entry)))
        if not is_sealed(said):
            raise ValueError("is not what was written")
        listing = valid(Listing, said)
    except DamagedZipError:
        raise
    except ValueError as error:
        raise ValueError(f"is damaged: its {LISTING} is not what was written, or of a later version") from error
    if entry.filename != f"{listing.run}/{LISTING}":
        raise ValueError(f"is damaged: its folder is not called {listing.run}")
    return listing


def _refuse_others(entries: dict[str, zipfile.ZipInfo], listing: Listing) -> None:
    if missing := sorted(set(listing.files) - set(entries)):
        raise ValueError(f"lacks {harmless(missing[0], 60)}, which its {LISTING} names")
    if more := sorted(set(entries) - set(listing.files)):
        raise ValueError(f"holds {more[0]}, which its {LISTING} does not name")
    if missing := [name for name in NEEDED if name not in entries]:
        raise ValueError(f"lacks {missing[0]}")


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, known: Fingerprint) -> None:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for piece in unpacked(archive, entry):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if Fingerprint(size, digest.hexdigest()) != known:
        raise ValueError(f"is damaged: {path.name} is not what its {LISTING} says")


def _check(folder: Path, listing: Listing) -> None:
    """Each file by its own rules, and what one says of another. Raises ValueError, a reason."""
    with _naming("config.json"):
        record = checks.record(folder / "config.json")
    with _naming("status.json"):
        status = checks.status(folder / "status.json")
    wanted = checks.shapes(record.config)
    hashes = {}
    for name in listing.files:
        with _naming(name):
            if name.endswith(".safetensors"):
                hashes[name] = checks.weights(folder / name, wanted)
            elif name == "checkpoint.pt":
                checks.checkpoint(folder / name, wanted)
            elif check := _CHECKS.get(re.sub(r"^epochs/[0-9]+", "*", name)):
                check(folder / name)
    begins = [own_digits.START] * (record.parent is not None) + [own_digits.NAME] * record.is_fine_tuned
    if lacking := [name for name in begins if name not in listing.files]:
        what = "fine-tuned" if record.is_fine_tuned else "changed"
        raise ValueError(f"lacks {lacking[0]}, which a {what} run begins with")
    last = f"epochs/{status.epoch:04d}.safetensors"
    if last not in hashes:
        raise ValueError(f"lacks {last}, the weights that its status.json tells of")
    if status.state == "finished" and status.weights_hash not in (None, hashes[last]):
        raise ValueError(f"is damaged: the weights in {last} are not those that its status.json names")


_CHECKS = {
    "notes.json": checks.notes,
    "metrics.jsonl": checks.metrics,
    "events.jsonl": checks.events,
    "own.npz": checks.own,
    "*.test.npy": checks.answers,
    "*.calibration.json": checks.calibration,
}


@contextmanager
def _naming(name: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ValueError(f"is damaged: {name} {error}") from error


def _is_same(here: Path, folder: Path, listing: Listing) -> bool:
    """Whether the run that is here under this id was trained by the very same updates: names and temperatures, which
    come later, may differ."""
    if not here.exists():
        return False
    with suppress(MnistError, OSError):
        if Run(here).record().config != Run(folder).record().config:
            return False
        there = [path.relative_to(here).as_posix() for path in (*here.iterdir(), *(here / "epochs").iterdir())]
        trained = {name for name in there if most_bytes(name) and not name.endswith(".json")}
        named = {name: Fingerprint(*known) for name, known in listing.files.items() if not name.endswith(".json")}
        return trained == set(named) and all(
            Fingerprint.of(manifest.read(here / name)) == known for name, known in named.items()
        )
    return False


def _settle(run: Run, listing: Listing, name: str) -> None:
    """Make it a run of this machine: nobody trains it, no sweep here has it, and it says where it came from."""
    record, status, notes = run.record(), checks.status(run.path / "status.json"), run.notes()
    came = Import(at=time.time(), exported=listing.exported, version=listing.version, file=name)
    store.write_record(run, record.model_copy(update={"imported": came, "sweep": None, "trial": None}))
    store.write_status(run, at_rest(status))
    if said := taken_along(notes):
        write_json(run.path / "notes.json", said)


def _new_id(folder: Path, listing: Listing) -> str:
    model = Run(folder).record().config.model
    return f"{listing.run[:15]}-{model}-{secrets.token_hex(2)}"


def _move(folder: Path, run_id: str, name: str) -> Run:
    run = Run(store.runs_folder() / run_id)
    if os.path.lexists(run.path):
        raise RequestError(
            f"There is another run {run_id} here, which stays as it is: to have the one in {name} beside it, import "
            "it under a new id (--new-id)."
        )
    folder.rename(run.path)
    return run
