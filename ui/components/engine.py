"""What the engine in the browser (`static/engine/`) needs of a run: its network in one file, and the constants."""

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_core.drawing.rejection import detector
from mnist_core.evaluation import calibration
from mnist_core.export.html import packing, program
from mnist_core.export.html.page import constants
from mnist_core.export.html.program import Program
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
    path = _folder() / f"{name}.json"
    if not path.exists():
        network = cache.network(run, epoch)
        _write(path, program.of_run(cache.record(run).config.model, network, temperature))
    return f"{serve('networks', path.parent)}/{path.name}"


def detector_address() -> str:
    """The same of the small network that tells what is no digit."""
    path = _folder() / f"detector-{_FORMAT}.json"
    if not path.exists():
        modules: list[torch.nn.Module] = list(detector())
        _write(path, program.describe(modules))
    return f"{serve('networks', path.parent)}/{path.name}"


def _folder() -> Path:
    return make_folder(home() / "cache" / "networks")


def _write(path: Path, found: Program) -> None:
    packed = packing.pack(found, 32)  # as they are: it answers as PyTorch does
    content = {
        "program": found.described,
        "packed": {"bits": packed.bits, "rounded": packed.rounded, "exact": packed.exact},
        "weights": base64.b64encode(packed.content).decode(),
    }
    write_atomically(path, json.dumps(content).encode())
