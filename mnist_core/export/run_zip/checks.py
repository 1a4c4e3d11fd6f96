"""Whether the files of a run that came from elsewhere are what a trainer writes: each raises ValueError, a reason."""

import io
import json
import pickletools
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.config.history import lost_settings
from mnist_core.config.train_config import TEST_SIZE, TrainConfig
from mnist_core.evaluation.calibration import ANALYSIS
from mnist_core.export.run_zip.contents import MAX_CHECKPOINT
from mnist_core.runs import own_digits
from mnist_core.runs.logs.rows import good_events, good_metrics
from mnist_core.runs.records import Record, Status
from mnist_core.runs.run import Notes, valid
from mnist_core.system.files import MAX_LINE, load_bytes, load_json
from mnist_core.system.npy import plain_array
from mnist_core.system.sealing import is_broken
from mnist_core.system.zip_files import DamagedZipError, LongListError, ends_at_once, is_plain, opened

if TYPE_CHECKING:
    import torch

    Shapes = Mapping[str, torch.Tensor]  # on the meta device: names, shapes and types

# What a checkpoint is pickled from: tensors, numbers, text. `weights_only` allows more, some of which takes any memory.
_NAMES = {"collections OrderedDict", "torch._utils _rebuild_tensor_v2"} | {
    f"torch {kind}Storage" for kind in ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Byte", "Bool")
}
_CALLS = {"STACK_GLOBAL", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4"}
MAX_PICKLE = 1_000_000  # bytes; that of the largest network has some 20,000
_FAR = 1e10  # seconds
_GROWING = ("metrics", "events")
_POSITION = ("step", "epoch", "batch", "samples_seen", "tested_epoch")


def record(path: Path) -> Record:
    """config.json."""
    said = load_json(path)
    found = valid(Record, said)
    if lost := lost_settings(said["config"]):
        raise ValueError(f"lacks {lost!r}")
    return found


def status(path: Path) -> Status:
    """status.json."""
    said = load_json(path)
    if is_broken(said):
        raise ValueError("is damaged: it is not what was written")
    return valid(Status, said)


def notes(path: Path) -> Notes:
    """notes.json."""
    return valid(Notes, load_json(path))


def metrics(path: Path) -> None:
    """metrics.jsonl."""
    _lines(path, good_metrics)


def events(path: Path) -> None:
    """events.jsonl."""
    _lines(path, good_events)


def _lines(path: Path, good: Callable[[list[Any]], list[Any]]) -> None:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE + 2):
            number += 1
            if not line.endswith(b"\n") and len(line) <= MAX_LINE:
                return  # torn: its writer was killed
            try:
                is_good = len(line) <= MAX_LINE and bool(good([json.loads(line)]))
            except (ValueError, RecursionError):
                is_good = False
            if not is_good:
                raise ValueError(f"is damaged in line {number:,}")


def answers(path: Path) -> None:
    """NNNN.test.npy: log-probabilities."""
    found = plain_array(load_bytes(path))
    if found.shape != (TEST_SIZE, 10) or found.dtype != np.float32:
        raise ValueError(f"does not hold float32 ({TEST_SIZE}, 10)")
    if not np.isfinite(found).all() or abs(np.logaddexp.reduce(found, axis=1)).max() > 1e-3:
        raise ValueError("does not hold log-probabilities")


def calibration(path: Path) -> None:
    """NNNN.calibration.json: a fitted temperature."""
    said = load_json(path)
    try:
        ANALYSIS.decode(said["answer"])
    except (TypeError, ValueError, LookupError, ArithmeticError) as error:
        raise ValueError("is damaged: it holds no temperature") from error


def own(path: Path) -> None:
    """own.npz."""
    try:
        own_digits.parse(load_bytes(path, own_digits.MAX_BYTES))
    except ValueError as error:
        raise ValueError("holds no drawings") from error


def shapes(config: TrainConfig) -> "Shapes":
    """The weights of these settings' network, without their numbers: nothing is drawn from the random generator."""
    import torch

    from mnist_core.models import networks

    with torch.device("meta"):
        return networks.build_for(config).state_dict()


def weights(path: Path, wanted: "Shapes") -> str:
    """A safetensors file; returns the weights' hash."""
    import safetensors.torch
    from safetensors import SafetensorError

    from mnist_core.models.checkpoint import hash_of

    try:
        found = safetensors.torch.load(load_bytes(path, 1 << 25))
    except (SafetensorError, RuntimeError, TypeError, KeyError) as error:
        raise ValueError("is no safetensors file") from error
    _fit(found, wanted)
    return hash_of(found)


def _fit(found: Mapping[str, Any], wanted: "Shapes") -> None:
    import torch

    if not isinstance(found, Mapping) or set(found) != set(wanted):
        raise ValueError("holds the weights of another network")
    for name, value in found.items():
        if not isinstance(value, torch.Tensor) or (value.shape, value.dtype) != (
            wanted[name].shape,
            wanted[name].dtype,
        ):
            raise ValueError(f"holds the weights of another network ({name})")
        if not value.isfinite().all():
            raise ValueError(f"holds weights that are no numbers ({name})")


def checkpoint(path: Path, wanted: "Shapes") -> None:
    """checkpoint.pt: loaded without code, after its ZIP file and its pickle were looked at."""
    import torch

    content = load_bytes(path, MAX_CHECKPOINT)
    _no_code(content)
    try:
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a damaged byte makes PyTorch stumble over
        raise ValueError("holds no training state") from error
    _no_expanded(state)
    training = _part(state, "training")
    _fit(_part(training, "model"), wanted)
    if "averaged" in training:
        averaged = {name.removeprefix("module."): value for name, value in _part(training, "averaged").items()}
        averaged.pop("n_averaged", None)
        _fit(averaged, wanted)
    position, controls = _part(training, "position"), _part({"controls": {}, **state}, "controls")
    numbers = [*(position.get(name) for name in _POSITION), *(state.get(f"{name}_bytes", 0) for name in _GROWING)]
    said = [*numbers, *(value for value in controls.values() if value is not None)]
    if not all(isinstance(value, int) and -1 <= value <= 1 << 53 for value in said):
        raise ValueError("holds no training state")
    times = [state.get("train_seconds", 0.0), *_part({"rates": {}, **training}, "rates").values()]
    if not all(isinstance(value, int | float) and 0 <= value < _FAR for value in times):
        raise ValueError("holds no training state")
    epochs, ended = state.get("epochs", 1), state.get("ended", True)
    if not (isinstance(epochs, int) and 1 <= epochs <= 100_000 and isinstance(ended, bool)):
        raise ValueError("holds no training state")
    if not isinstance(training.get("optimizer"), dict) or not isinstance(training.get("torch_rng"), torch.Tensor):
        raise ValueError("holds no training state")


def _part(state: Any, name: str) -> dict[str, Any]:
    """What is kept under the name, in what may be anything."""
    part = state.get(name) if isinstance(state, dict) else None
    if not isinstance(part, dict) or not all(isinstance(key, str) for key in part):
        raise ValueError("holds no training state")
    return part


def _no_code(content: bytes) -> None:
    """Raises ValueError where the ZIP file or the pickle in it is not as `torch.save` writes those of a training."""
    try:
        with opened(io.BytesIO(content), 5000) as archive:
            entries = archive.infolist()
            sizes = {entry.filename: entry.file_size for entry in entries}
            is_alike = len(sizes) == len(entries) and ends_at_once(content)  # for every reader of ZIP files
            is_stored = all(is_plain(each) and each.compress_type == zipfile.ZIP_STORED for each in entries)
            pickled = [name for name in sizes if name.endswith("/data.pkl")]
            if not (is_alike and is_stored and len(pickled) == 1 and sum(sizes.values()) <= len(content)):
                raise ValueError("holds no training state")
            if sizes[pickled[0]] > MAX_PICKLE:
                raise ValueError("holds no training state")
            if archive.testzip() is not None:  # PyTorch writes a CRC of each tensor, but does not check it
                raise ValueError("is damaged")
            said = archive.read(pickled[0])
    except (DamagedZipError, LongListError) as error:
        raise ValueError("holds no training state") from error
    if not _is_plain_pickle(said):
        raise ValueError("holds code, or something else than numbers and text")


def _is_plain_pickle(said: bytes) -> bool:
    if not said.startswith(b"\x80\x02"):  # protocol 2, in which PyTorch writes: of others it warns
        return False
    try:
        return all(
            operation.name not in _CALLS and (operation.name != "GLOBAL" or argument in _NAMES)
            for operation, argument, _ in pickletools.genops(said)
        )
    except Exception:  # whatever a damaged byte makes pickletools stumble over
        return False


def _no_expanded(state: Any) -> None:
    """Raises ValueError for a tensor with more numbers than are stored: copied, it would take any memory."""
    import torch

    waiting, seen = [state], set[int]()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, torch.Tensor):
            if value.numel() * value.element_size() > value.untyped_storage().nbytes():
                raise ValueError("holds a tensor without its numbers")
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
