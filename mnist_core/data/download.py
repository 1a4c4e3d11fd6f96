"""MNIST's four archives: found, verified, unpacked, and downloaded where they are missing.

This is the one module that imports torchvision, and it does so only to prepare the data: the import costs 1.6 s.
"""

import gzip
import hashlib
import importlib.util
import itertools
import math
import shutil
import struct
import sys
import zlib
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

from filelock import FileLock

from mnist_core.data import other_copies
from mnist_core.data.other_copies import RawFile
from mnist_core.errors import DataError
from mnist_core.system.files import REPOSITORY, cannot_write, home, make_folder, write_atomically
from mnist_core.system.program import command

FILES = {
    ("train", "images"): RawFile("train-images-idx3-ubyte", (60_000, 28, 28), 16, 0xE9F4D8B3),
    ("train", "labels"): RawFile("train-labels-idx1-ubyte", (60_000,), 8, 0xE0CB4AD2),
    ("test", "images"): RawFile("t10k-images-idx3-ubyte", (10_000, 28, 28), 16, 0x91373BDF),
    ("test", "labels"): RawFile("t10k-labels-idx1-ubyte", (10_000,), 8, 0x4AB9EFF9),
}
MOST_BYTES = 1_000_000_000  # of a data set that somebody put there
# Names the data in a run's config.json: two runs with one fingerprint saw the same digits.
FINGERPRINT = hashlib.sha256("".join(f"{file.crc32:08x}" for file in FILES.values()).encode()).hexdigest()[:16]


def _to_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def prepare(report: Callable[[str], None] = _to_standard_error) -> Path:
    """Unpack and verify the data set, and return its folder.

    A damaged or missing archive is replaced: by the copy that the repository tracks, or else a file by a copy that
    lies under another name in the data folder, or else by a download from torchvision's mirrors (with a progress bar
    on standard error). `report` is told what was wrong and what was done about it.

    Raises FailedError when no good copy of a file can be had, or when the folder cannot be written.
    """
    raw = raw_folder()
    make_folder(raw)
    try:
        with FileLock(raw.parent / ".prepare.lock"):
            _prepare(raw, report)
    except OSError as error:
        raise cannot_write(raw, error) from error
    return raw


def _prepare(raw: Path, report: Callable[[str], None]) -> None:
    datasets = import_torchvision_datasets()
    tracked = REPOSITORY / "data" / "MNIST" / "raw"
    for file in FILES.values():
        for path in (raw / file.name, raw / f"{file.name}.gz"):
            if path.is_dir():  # as some tools unpack an archive: into a folder of its name
                aside = path.rename(_free_name(path, "folder"))
                report(f"{path.name} was a folder; it is called {aside.name} now.")
        if (raw / file.name).exists() and not _is_good(raw, file):
            _clear(raw / file.name, report)
            report(f"{file.name} was damaged; it is unpacked again.")
    for file, (archive_name, md5) in zip(FILES.values(), datasets.MNIST.resources, strict=True):
        archive = raw / archive_name
        if _md5(archive) == md5:
            continue
        wrong = "damaged" if archive.exists() else "missing"
        if _md5(tracked / archive_name) == md5:
            _clear(archive, report)
            shutil.copyfile(tracked / archive_name, archive)
            report(f"{archive_name} was {wrong}; it was copied from {tracked}.")
        elif not (raw / file.name).exists():
            if found := other_copies.find(raw.parent.parent, file):
                write_atomically(raw / file.name, found[1])
                report(f"{file.name} was missing; its content was found in {found[0]}.")
            else:
                _clear(archive, report)
                report(f"{archive_name} is {wrong}; it is downloaded.")
    try:
        datasets.MNIST(raw.parent.parent, download=True)
    except (RuntimeError, HTTPException, ConnectionError, TimeoutError, EOFError, zlib.error) as error:
        archives = zip(FILES.values(), datasets.MNIST.resources, strict=True)
        bad = [name for file, (name, md5) in archives if not _is_good(raw, file) and _md5(raw / name) != md5]
        tables = " and ".join(path.name for path in other_copies.tables(raw.parent.parent))
        others = f" {tables} does not help: other digits than the official ones, or in another order." if tables else ""
        raise DataError(
            f"{' and '.join(bad) or 'The data set'} could not be downloaded: put the official archive "
            f"into {raw} (or, in a clone of this project, run `git checkout -- data`).{others}"
        ) from error
    for file in FILES.values():
        if not _is_good(raw, file):
            raise DataError(f"{raw / file.name} is damaged: delete it and run `{command()} download`.")


def raw_folder() -> Path:
    """Where the four archives and the unpacked files are; it may not exist yet."""
    return home() / "data" / "MNIST" / "raw"


def _free_name(path: Path, what: str) -> Path:
    numbers = itertools.count(1)
    return next(free for number in numbers if not (free := path.with_name(f"{path.name}.{what}{number}")).exists())


def _clear(path: Path, report: Callable[[str], None]) -> None:
    """Make room for the official file: a damaged one is removed, a whole one of other digits is only called otherwise.

    Fashion-MNIST and others come under the same names, and may be a person's only copy.
    """
    if path.is_file() and _is_whole(path):
        aside = path.rename(_free_name(path, "other"))
        report(f"{path.name} was not of the official data set; it is called {aside.name} now.")
    else:
        path.unlink(missing_ok=True)


def _is_whole(path: Path) -> bool:
    """Whether a file, or what an archive holds, is as long as its header says (IDX format of bytes)."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            magic, *shape = struct.unpack(">4I", file.read(16))
            dimensions = magic - 0x0800
            if not 1 <= dimensions <= 3:
                return False
            values = math.prod(shape[:dimensions])
            return values < MOST_BYTES and len(file.read(values + 1)) == values - 16 + 4 + 4 * dimensions
    except (OSError, EOFError, zlib.error, struct.error):
        return False


def _md5(path: Path) -> str | None:
    # MD5 because it is what the official resource list gives; it guards against damage, not against an attacker.
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() if path.is_file() else None


def _is_good(raw: Path, file: RawFile) -> bool:
    return (raw / file.name).is_file() and file.is_content((raw / file.name).read_bytes())


def import_torchvision_datasets() -> Any:
    """`torchvision.datasets`, also beside a CPU-only torch whose operators its compiled part does not fit.

    There `import torchvision` dies with "operator torchvision::nms does not exist" (pytorch/vision #9085). The
    data sets need none of its operators: the schemas it registers fakes for are enough. Where the compiled part
    loads, nothing is done.
    """
    import torch

    spec = importlib.util.find_spec("torchvision")
    assert spec is not None and spec.origin is not None, "torchvision is in requirements.txt"
    extension = next(iter(sorted(Path(spec.origin).parent.glob("_C*"))), None)
    if extension is None or not _loads(extension):
        for schema in (
            "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
            "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
        ):
            if not hasattr(torch.ops.torchvision, schema.partition("(")[0]):
                torch.library.define(f"torchvision::{schema.partition('(')[0]}", schema[schema.index("(") :])
    import torchvision.datasets

    return torchvision.datasets


def _loads(extension: Path) -> bool:
    import torch

    try:
        torch.ops.load_library(str(extension))
    except (ImportError, OSError):
        return False
    return True
