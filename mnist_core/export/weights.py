"""A run's weights alone, as programs elsewhere load them: safetensors, or a plain `state_dict` of PyTorch."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_core.config.train_config import TrainConfig
from mnist_core.evaluation.answers import answers_of
from mnist_core.export import about
from mnist_core.export.new_file import refuse_existing, write_new
from mnist_core.export.written import Written, check
from mnist_core.runs.run import Run, answering_epoch

if TYPE_CHECKING:
    import torch

ABOUT = "about.json"  # beside the tensors in the ZIP file that PyTorch writes
Pack = Callable[["torch.nn.Module", TrainConfig, dict[str, Any]], bytes]  # the last: what it is to say of itself
Unpack = Callable[[bytes], "dict[str, torch.Tensor]"]


def refuse_missing(target: str) -> None:
    """Raises RequestError where the file `target` is there already."""
    refuse_existing(Path(target))


def write_safetensors(run: Run, target: str) -> Written:
    """Write the weights that answer into the file `target`, with what they are in its header.

    Raises RequestError as `refuse_missing`, and where no weights are saved yet; DamagedError where they are damaged.
    """
    import safetensors.torch

    return _write(run, target, _as_safetensors, safetensors.torch.load, "safetensors.torch.load_file")


def write_torch(run: Run, target: str) -> Written:
    """As `write_safetensors`, for `torch.load(..., weights_only=True)`; what they are lies beside, in `about.json`."""
    return _write(run, target, _as_state_dict, _load_state_dict, "torch.load(..., weights_only=True)")


def _write(run: Run, target: str, pack: Pack, unpack: Unpack, loads: str) -> Written:
    refuse_missing(target)
    from mnist_core.data import mnist
    from mnist_core.models import inference, networks

    epoch = answering_epoch(run)
    answers, config = answers_of(run, epoch), run.record().config
    network = inference.load_network(run, epoch)
    again = networks.build_for(config)
    again.load_state_dict(unpack(pack(network, config, {})))
    theirs = inference.evaluate(again, mnist.load().test, config.test_batch_size).log_probabilities
    found = check(answers.probabilities, theirs.exp().numpy())
    content = pack(network, config, about.describe(run, epoch, answers, found.sentence))
    again.load_state_dict(unpack(content))  # what is written is what was checked, and not only nearly
    if any(not value.equal(network.state_dict()[name]) for name, value in again.state_dict().items()):
        raise AssertionError("the file holds other weights than the run")
    write_new(Path(target), content)
    return Written((Path(target),), f"`{loads}` reads it; docs/export.md has the lines that use it.", found)


def _as_safetensors(network: "torch.nn.Module", config: TrainConfig, said: dict[str, Any]) -> bytes:
    from mnist_core.models.checkpoint import weights_bytes

    return weights_bytes(network, config, **said)


def _as_state_dict(network: "torch.nn.Module", config: TrainConfig, said: dict[str, Any]) -> bytes:
    from mnist_core.models.checkpoint import state_bytes

    packed = io.BytesIO(state_bytes({name: value.contiguous() for name, value in network.state_dict().items()}))
    with zipfile.ZipFile(packed, "a") as archive:  # PyTorch looks up its own parts by name
        folder = archive.namelist()[0].partition("/")[0]
        archive.writestr(zipfile.ZipInfo(f"{folder}/{ABOUT}"), json.dumps(said, indent=1))
    return packed.getvalue()


def _load_state_dict(content: bytes) -> "dict[str, torch.Tensor]":
    import torch

    state: dict[str, torch.Tensor] = torch.load(io.BytesIO(content), weights_only=True)
    return state
