"""Weights and training states as they lie on disk, loaded without running what is in them."""

import hashlib
import io
import json
import pickle
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open

from mnist_core.config.networks import named
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import CLASS_NAMES, MEAN, STD
from mnist_core.errors import DamagedError, FailedError, RequestError
from mnist_core.models import networks
from mnist_core.runs import manifest
from mnist_core.system.program import VERSION

# Of what a weights file tells about itself; a reader refuses a later one. In the second a network may have a width:
# a file without one is still of the first, for older readers.
FORMAT = 2
_ABOUT = "mnist_lab"  # the metadata's one key: safetensors writes several in an order that changes from file to file


def state_bytes(state: dict[str, Any]) -> bytes:
    """A training state (tensors, numbers, text) as it lies in a file."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def load_state(path: Path) -> dict[str, Any]:
    """The state in `path`; only tensors and plain values are unpickled, never code (`weights_only`).

    Raises FailedError, leaving the file as it is, when it is missing, truncated or not a state.
    """
    try:
        content = io.BytesIO(manifest.read(path))
        with zipfile.ZipFile(content) as archive:  # torch writes a CRC of each tensor, but does not check it
            if broken := archive.testzip():
                raise zipfile.BadZipFile(broken)
        content.seek(0)
        state = torch.load(content, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise DamagedError(f"{path} is missing, so this run cannot go on: train a new one.") from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError, zipfile.BadZipFile) as error:
        raise DamagedError(
            f"{path} is damaged, so this run cannot go on; its curve and the weights of its epochs are kept. "
            "Put a copy of the file back, or train a new run."
        ) from error
    if not isinstance(state, dict):
        raise DamagedError(f"{path} holds no training state: put the run's own file back, or train a new run.")
    return state


def weights_bytes(model: torch.nn.Module, config: TrainConfig | None = None, **more: Any) -> bytes:
    """The model's weights as safetensors, as they lie in a file; with what `about(config)` says in its header.

    `more`: plain values that it is to say besides.
    """
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    metadata = None if config is None else {_ABOUT: json.dumps(about(config) | more)}
    return safetensors.torch.save(weights, metadata)


def about(config: TrainConfig) -> dict[str, Any]:
    """What a weights file tells of itself: enough to build the network and to give it pictures as it knows them."""
    network = named(config.model, config.width)
    return {
        "format": FORMAT if "width" in network else 1,
        "version": VERSION,
        **network,
        "settings_hash": config.hash(),
        "mean": MEAN,
        "std": STD,
        "class_names": CLASS_NAMES,
    }


def describe(path: Path) -> dict[str, Any] | None:
    """What the weights file `path` tells of itself (see `about`), or None where it was written before it told anything.

    Only the header is read. Raises FailedError when the file is missing or damaged.
    """
    with _readable(path):
        manifest.read(path)
    with _readable(path), safe_open(path, framework="numpy") as file:
        said = (file.metadata() or {}).get(_ABOUT)
        return None if said is None else dict(json.loads(said))


def load_alone(path: Path) -> torch.nn.Module:
    """The network in a weights file that lies anywhere, without its run, set to answer (no dropout).

    Raises FailedError when the file is missing or damaged, or does not say what it is in words known here.
    """
    said = describe(path)
    if said is None:
        raise FailedError(f"{path} does not say which network it is: ask for its run, or train one anew.")
    if said.get("format", FORMAT + 1) > FORMAT or said.get("network") not in networks.REGISTRY:
        raise FailedError(f"{path} was written by version {said.get('version')}: update to that one to read it.")
    if (said.get("mean"), said.get("std")) != (MEAN, STD):
        raise FailedError(f"{path} wants pictures normalised to {said.get('mean')} and {said.get('std')}: not MNIST's.")
    try:
        model = networks.build_for(TrainConfig.parse({"model": said["network"], "width": said.get("width", 1.0)}))
    except RequestError as error:
        raise _damaged(path) from error
    load_weights(path, model)
    return model.eval()


def load_weights(path: Path, model: torch.nn.Module) -> None:
    """Load the weights in `path` into `model`.

    Raises FailedError when the file is missing, damaged, or of another network.
    """
    try:
        model.load_state_dict(read_weights(path))
    except RuntimeError as error:
        raise _damaged(path) from error


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """The weights in `path` by name. Raises FailedError when the file is missing or damaged."""
    with _readable(path):
        return safetensors.torch.load(manifest.read(path))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise DamagedError(f"{path} is missing: train the run again, or choose another.") from error
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> DamagedError:
    return DamagedError(f"{path} is damaged: resume or train the run again, or choose another.")


def weights_hash(model: torch.nn.Module) -> str:
    """SHA-256 over the weights' names and bits: equal for bit-identical weights, whatever their memory format."""
    return hash_of(model.state_dict())


def hash_of(weights: Mapping[str, torch.Tensor]) -> str:
    """`weights_hash` of a network with these weights, by name."""
    digest = hashlib.sha256()
    for name, value in sorted(weights.items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(value.detach().cpu().numpy()).tobytes())
    return digest.hexdigest()
