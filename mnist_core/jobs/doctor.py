"""`doctor`: what this machine and this installation are, what is wrong with them and with the store, what mends it.

Looking changes nothing. A complaint that can be mended without losing anything brings its own repair.
"""

import os
import platform
import re
import shutil
import time
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from mnist_core.config.train_config import TrainConfig
from mnist_core.data import other_copies
from mnist_core.data.download import FILES, prepare, raw_folder
from mnist_core.drawing.collection import left_out
from mnist_core.drawing.zip_import import ID
from mnist_core.errors import FailedError
from mnist_core.evaluation.statistics import plural
from mnist_core.runs import manifest, store
from mnist_core.runs.run import Run
from mnist_core.system import trash
from mnist_core.system.files import REPOSITORY, home, is_locked, leftovers
from mnist_core.system.program import INSTALLED, VERSION, command

ENOUGH_BYTES = 200_000_000  # of free disk space: the unpacked data set has 55 MB, a run a few MB an epoch


class Complaint(NamedTuple):
    """Something that is wrong: a sentence with what mends it, and where that is safe, what does."""

    sentence: str
    repair: Callable[[], object] | None = None


def facts() -> dict[str, str]:
    """What one asks first of an installation: versions, where state lives, what a training would compute with."""
    import torch

    from mnist_core.models.networks import build
    from mnist_core.training.device import choose_device, default_threads
    from mnist_core.training.kernels import gradients_for

    device = choose_device("auto")
    compiled = gradients_for(build("cnn"), TrainConfig(), device) is not None
    free = shutil.disk_usage(_nearest_folder(home())).free
    return {
        "Program": f"{INSTALLED} {VERSION}, Python {platform.python_version()}, torch {torch.__version__}",
        "State": f"{home()}, {free / 1e9:.1f} GB free",
        "Computes on": f"{device}, {plural(default_threads(), 'thread')} of {plural(os.cpu_count() or 1, 'processor')}",
        "Convolutions": "compiled for this processor" if compiled else "PyTorch's own",
        "Store": f"{plural(len(store.every()), 'run')}, {plural(len(trash.every()), 'deletion')} in the trash",
    }


def complaints() -> Iterator[Complaint]:
    """Everything that is wrong, one after the other."""
    yield from _packages()
    yield from _disk()
    yield from _data()
    came = store.shipped()
    for run in [*store.every(), *([came] if came else [])]:
        yield from _run(run)
    yield from _temporary_files()
    if damaged := left_out():
        yield Complaint(damaged)


def _packages() -> Iterator[Complaint]:
    """What is installed in another version than it was tested in."""
    described = REPOSITORY / "pyproject.toml"  # in a clone; an installed package says it itself
    if described.is_file():
        pins = tomllib.loads(described.read_text())["project"]["dependencies"]
    else:
        pins = [line for line in metadata.requires(INSTALLED) or [] if ";" not in line]
    for pin in pins:
        name, _, tested = pin.partition("==")
        try:
            found = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            found = "none"
        if found != tested:
            yield Complaint(f"{name} {tested} is needed, and {found} is installed: `pip install {pin}`.")


def _disk() -> Iterator[Complaint]:
    there = _nearest_folder(home())
    if not os.access(there, os.W_OK):
        yield Complaint(f"{there} cannot be written: set MNIST_HOME to a folder you can write to.")
    if (free := shutil.disk_usage(there).free) < ENOUGH_BYTES:
        yield Complaint(f"Only {free / 1e6:.0f} MB are free on the disk of {there}: free some space there.")


def _data() -> Iterator[Complaint]:
    for file in FILES.values():
        unpacked = raw_folder() / file.name
        if unpacked.is_file():
            if not file.is_content(unpacked.read_bytes()):
                yield Complaint(f"{unpacked} is damaged: `{command()} download` unpacks it again.", prepare)
        elif not any(other_copies.find(folder, file) for folder in (raw_folder(), REPOSITORY / "data")):
            yield Complaint(f"{unpacked} is missing: `{command()} download` fetches it.", prepare)


def _run(run: Run) -> Iterator[Complaint]:
    if run.status().damage:
        yield Complaint(f"{run.path / 'status.json'} is missing or damaged: resume the run, or put a copy back.")
    try:
        found = manifest.damaged(run.path)
    except FailedError as error:  # of manifest.json itself
        yield Complaint(str(error))
    else:
        for path, sentence in found.items():
            again = manifest.is_computed_again(path) and not run.is_shipped
            yield Complaint(sentence, partial(path.unlink, missing_ok=True) if again else None)
        if (run.path / "config.json") not in found and (damage := _record_damage(run)):
            yield Complaint(damage)


def _record_damage(run: Run) -> str | None:
    try:
        run.record()
    except FailedError as error:
        return str(error)
    return None


def _temporary_files() -> Iterator[Complaint]:
    """What killed writers left, by far longer ago than any write takes.

    Only of files that are written here: MNIST_HOME may be a person's home or a clone, with an `.env.template` in it.
    """
    written = {home(): r"machine\.json", home() / "drawings": rf"{ID.pattern}\.(28\.png|png|json)"}
    for run in store.every():
        if not is_locked(run.lock()):
            written |= {run.path: r"\w+\.(json|jsonl|pt|npz|safetensors)", run.path / "epochs": r"\d{4,6}\..+"}
    old = time.time() - store.OLD_SECONDS
    left = [
        path
        for folder, names in written.items()
        for path, name in leftovers(folder)
        if re.fullmatch(names, name) and path.is_file() and path.lstat().st_mtime < old
    ]

    def remove() -> None:
        for path in left:
            path.unlink(missing_ok=True)

    if left:
        what = plural(len(left), "temporary file")
        yield Complaint(f"{what} of killed programs, for example {left[0]}: `{command()} doctor --repair`.", remove)


def _nearest_folder(path: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())
