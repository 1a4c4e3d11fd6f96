"""Weights and training states on disk: replaced atomically, loaded without running what is in them."""

import hashlib
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError

from mnist_core.errors import DamagedError
from mnist_core.system.files import write_atomically


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Replace `path` by a training state (tensors, numbers, text). Raises FailedError when the disk refuses."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_atomically(path, buffer.getvalue())


def load_state(path: Path) -> dict[str, Any]:
    """The state in `path`; only tensors and plain values are unpickled, never code (`weights_only`).

    Raises FailedError, leaving the file as it is, when it is missing, truncated or not a state.
    """
    try:
        with zipfile.ZipFile(path) as archive:  # torch writes a CRC of each tensor, but does not check it
            if broken := archive.testzip():
                raise zipfile.BadZipFile(broken)
        state = torch.load(path, map_location="cpu", weights_only=True)
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


def save_weights(path: Path, model: torch.nn.Module) -> None:
    """Replace `path` by the model's weights as safetensors."""
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    write_atomically(path, safetensors.torch.save(weights))


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
    try:
        return safetensors.torch.load_file(path)
    except FileNotFoundError as error:
        raise DamagedError(f"{path} is missing: train the run again, or choose another.") from error
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> DamagedError:
    return DamagedError(f"{path} is damaged: resume or train the run again, or choose another.")


def weights_hash(model: torch.nn.Module) -> str:
    """SHA-256 over the weights' names and bits: equal for bit-identical weights, whatever their memory format."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(value.detach().cpu().numpy()).tobytes())
    return digest.hexdigest()
