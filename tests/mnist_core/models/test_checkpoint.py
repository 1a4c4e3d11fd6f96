"""What is saved comes back bit for bit; what is damaged is refused and left as it is."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from mnist_core.config.networks import NETWORKS, ModelName
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import Mnist
from mnist_core.errors import FailedError
from mnist_core.models import networks
from mnist_core.models.checkpoint import (
    about,
    describe,
    load_alone,
    load_state,
    load_weights,
    state_bytes,
    weights_bytes,
    weights_hash,
)
from mnist_core.models.inference import probabilities
from mnist_core.runs.run import Run
from mnist_core.system.files import write_atomically
from mnist_core.system.program import VERSION
from mnist_core.training.loop import Training


@pytest.fixture
def run(digits: Mnist) -> Training:
    run = Training(TrainConfig(threads=1))
    list(islice(run.run(digits), 5))
    return run


def test_state_comes_back_bit_for_bit(tmp_path: Path, run: Training) -> None:
    write_atomically(tmp_path / "checkpoint.pt", state_bytes(run.state()))
    assert_same(load_state(tmp_path / "checkpoint.pt"), run.state())
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]


@pytest.mark.parametrize("keep", [0, 10, 0.2, 0.5, 0.9, -1])
def test_truncated_state_is_refused_and_kept(tmp_path: Path, run: Training, keep: float) -> None:
    path = tmp_path / "checkpoint.pt"
    write_atomically(path, state_bytes(run.state()))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    kept = path.read_bytes()
    with pytest.raises(FailedError) as failed:
        load_state(path)
    assert str(path) in str(failed.value)
    assert "damaged" in str(failed.value)
    assert path.read_bytes() == kept


def test_flipped_bit_in_the_weights_is_refused(tmp_path: Path, run: Training) -> None:
    path = tmp_path / "checkpoint.pt"
    write_atomically(path, state_bytes(run.state()))
    content = bytearray(path.read_bytes())
    weight = run.model.state_dict()["fc1.weight"].numpy().tobytes()
    content[content.index(weight) + 1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(FailedError, match="damaged"):
        load_state(path)


def test_missing_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="is missing"):
        load_state(tmp_path / "checkpoint.pt")


class RunsCode:
    """What a malicious checkpoint would hold."""

    def __reduce__(self) -> Any:
        return (Path.touch, (Path("touched"),))


def test_state_with_code_in_it_is_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"training": RunsCode()}, tmp_path / "checkpoint.pt")
    with pytest.raises(FailedError):
        load_state(tmp_path / "checkpoint.pt")
    assert not (tmp_path / "touched").exists()


def test_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / "list.pt")
    (tmp_path / "text.pt").write_text("not a checkpoint")
    for name in ("list.pt", "text.pt"):
        with pytest.raises(FailedError):
            load_state(tmp_path / name)


def test_weights_come_back_bit_for_bit_and_any_reader_can_read_them(tmp_path: Path) -> None:
    path = tmp_path / "0001.safetensors"
    saved, loaded = networks.build("cnn"), networks.build("cnn")
    assert weights_hash(saved) != weights_hash(loaded)
    write_atomically(path, weights_bytes(saved))
    load_weights(path, loaded)
    assert weights_hash(saved) == weights_hash(loaded)
    theirs = safetensors.torch.load_file(path)
    assert all(torch.equal(theirs[name], value) for name, value in saved.state_dict().items())


def test_weights_that_are_missing_damaged_or_anothers_are_refused(tmp_path: Path) -> None:
    model = networks.build("cnn")
    before = weights_hash(model)
    write_atomically(tmp_path / "mlp", weights_bytes(networks.build("mlp")))
    write_atomically(tmp_path / "cnn", weights_bytes(model))
    (tmp_path / "truncated").write_bytes((tmp_path / "cnn").read_bytes()[:-100])
    (tmp_path / "text").write_text("not weights")
    for name in ("missing", "truncated", "text", "mlp"):
        with pytest.raises(FailedError) as failed:
            load_weights(tmp_path / name, model)
        assert str(tmp_path / name) in str(failed.value)
        assert "\n" not in str(failed.value)
    assert weights_hash(model) == before


def test_hash_sees_one_bit_but_not_the_memory_format() -> None:
    model = networks.build("cnn")
    before = weights_hash(model)
    assert weights_hash(model.to(memory_format=torch.contiguous_format)) == before  # type: ignore[call-overload]
    with torch.no_grad():
        bias = model.get_parameter("fc2.bias")
        bias[3] = torch.nextafter(bias[3], torch.tensor(9.0))
    assert weights_hash(model) != before


def assert_same(one: Any, other: Any) -> None:
    if isinstance(other, torch.Tensor):
        assert torch.equal(one, other)
    elif isinstance(other, dict):
        assert one.keys() == other.keys()
        for key in other:
            assert_same(one[key], other[key])
    else:
        assert one == other


@pytest.mark.parametrize(("name", "width"), [*((name, 1.0) for name in NETWORKS), ("cnn", 0.24), ("deep", 0.24)])
def test_a_lone_file_loads_and_tells_what_it_is(tmp_path: Path, digits: Mnist, name: ModelName, width: float) -> None:
    config = TrainConfig(model=name, epochs=7, batch_size=100, width=width)
    model = networks.build(name, width=width).eval()
    write_atomically(tmp_path / "0007.safetensors", weights_bytes(model, config))
    alone = tmp_path / "elsewhere" / "mine.safetensors"
    alone.parent.mkdir()
    (tmp_path / "0007.safetensors").rename(alone)
    loaded = load_alone(alone)
    assert weights_hash(loaded) == weights_hash(model)
    images = digits.test.images[:20].numpy()
    assert np.array_equal(probabilities(loaded, images), probabilities(model, images))
    is_narrow = (name, width) == ("deep", 0.24)  # which an older reader must not take for the network that it knows
    assert describe(alone) == ({"width": 0.24} if is_narrow else {}) | {
        "format": 2 if is_narrow else 1,
        "version": VERSION,
        "network": name,
        "settings_hash": config.hash(),
        "mean": 0.1307,
        "std": 0.3081,
        "class_names": list("0123456789"),
    }


def test_the_same_weights_of_the_same_settings_are_the_same_bytes(tmp_path: Path) -> None:
    model = networks.build("mlp")
    for name in "abcdef":  # two orders of a handful of keys would hardly agree six times
        write_atomically(tmp_path / name, weights_bytes(model, TrainConfig(model="mlp")))
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_a_file_that_tells_nothing_loads_with_its_run_but_not_alone(tmp_path: Path) -> None:
    path = tmp_path / "0001.safetensors"
    saved, loaded = networks.build("mlp"), networks.build("mlp")
    safetensors.torch.save_file(saved.state_dict(), path)  # as versions before 0.2 did
    load_weights(path, loaded)
    assert weights_hash(saved) == weights_hash(loaded)
    assert describe(path) is None
    with pytest.raises(FailedError, match="does not say which network"):
        load_alone(path)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": 3, "version": "9.9"}, r"written by version 9\.9"),
        ({"network": "transformer"}, "written by version"),
        ({"mean": 0.5}, "not MNIST's"),
        ({"network": "deep", "width": 1e9}, "is damaged"),
    ],
    ids=["later format", "unknown network", "other normalisation", "a width beyond its bounds"],
)
def test_a_lone_file_in_words_unknown_here_is_refused(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    model, path = networks.build("mlp"), tmp_path / "a.safetensors"
    told = {"mnist_lab": json.dumps(about(TrainConfig(model="mlp")) | change)}
    safetensors.torch.save_file(model.state_dict(), path, told)
    with pytest.raises(FailedError, match=why):
        load_alone(path)


def test_a_lone_file_that_is_missing_or_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "whole"
    write_atomically(path, weights_bytes(networks.build("mlp"), TrainConfig(model="mlp")))
    (tmp_path / "truncated").write_bytes(path.read_bytes()[:-100])
    (tmp_path / "text").write_text("not weights")
    for name in ("missing", "truncated", "text"):
        with pytest.raises(FailedError) as failed:
            load_alone(tmp_path / name)
        assert str(tmp_path / name) in str(failed.value)


def test_what_a_training_saves_tells_what_it_is(trained: Run) -> None:
    said = describe(trained.weights(1))
    assert said is not None
    assert (said["network"], said["settings_hash"]) == ("cnn", trained.record().config.hash())
