"""What the engine in the browser (`static/engine/`) needs of a run: its network in one file, and the constants."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_core.drawing.rejection import detector
from mnist_core.evaluation import calibration
from mnist_core.export.html import program, reader_file
from mnist_core.export.html.page import constants
from mnist_core.export.html.reader_file import READY
from mnist_core.runs.run import Run
from mnist_core.system.files import home, make_folder, write_atomically
from ui.common import cache
from ui.components.served_folder import serve

if TYPE_CHECKING:
    import torch

_FORMAT = 1  # of the files; another where what is in them is another


def engine_data(run: Run, epoch: int) -> dict[str, Any]:
    """What a component hands to `makeReader` (static/engine/reader.js) to answer as `run` does after `epoch` epochs.

    Raises RequestError or FailedError where the weights are not there or damaged.
    """
    return {"network": network_address(run, epoch), "detector": detector_address(), "constants": constants()}


def network_address(run: Run, epoch: int) -> str:
    """The address of the file with the run's network, relative to the app's; written the first time."""
    fitted = calibration.fitted(run, epoch)
    temperature = None if fitted is None else fitted.temperature
    weights = run.weights(epoch)
    what = (_FORMAT, str(weights), cache.stamp(weights), temperature)
    name = hashlib.sha256(repr(what).encode()).hexdigest()[:20]

    def content() -> bytes:
        network = cache.network(run, epoch)
        return reader_file.content(program.of_run(cache.record(run).config.model, network, temperature))

    return _address(name, content)


def detector_address() -> str:
    """The same of the small network that tells what is no digit."""

    def content() -> bytes:
        modules: list[torch.nn.Module] = list(detector())
        return reader_file.content(program.describe(modules))

    return _address(f"detector-{_FORMAT}", content)


def _address(name: str, content: Callable[[], bytes]) -> str:
    """Of the file of this name, which ends in its digest; it is written where none is whole."""
    found = (path for path in _folder().glob(f"{name}-*.json") if _is_whole(path, cache.stamp(path)))
    if (path := next(found, None)) is None:
        made = content()
        path = _folder() / f"{name}-{hashlib.sha256(made).hexdigest()[:20]}.json"
        write_atomically(path, made)
    return f"{serve('networks', path.parent)}/{path.name}"


@functools.lru_cache(1000)
def _is_whole(path: Path, stamp: cache.Stamp) -> bool:
    """Whether what lies there is what was written; read once, and again when it has changed."""
    try:
        return path.stem.endswith(f"-{hashlib.sha256(path.read_bytes()).hexdigest()[:20]}")
    except OSError:
        return False


def _folder() -> Path:
    return make_folder(home() / "cache" / "networks")


def shipped_engine() -> dict[str, Any]:
    """The same for the shipped run, from files that lie ready: nothing is computed, and torch is not imported."""
    address = serve("reader", READY)
    version = _digest()
    return {
        "network": f"{address}/network.json?{version}",
        "detector": f"{address}/detector.json?{version}",
        "constants": constants(),
    }


@functools.cache
def _digest() -> str:
    files = (READY / "network.json", READY / "detector.json")
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
