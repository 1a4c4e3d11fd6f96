"""What is saved comes back bit for bit; what is damaged is refused and left as it is."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import Mnist
from mnist_core.errors import FailedError
from mnist_core.models import networks
from mnist_core.models.checkpoint import load_state, load_weights, save_state, save_weights, weights_hash
from mnist_core.training.loop import Training


@pytest.fixture
def run(digits: Mnist) -> Training:
    run = Training(TrainConfig(threads=1))
    list(islice(run.run(digits), 5))
    return run


def test_state_comes_back_bit_for_bit(tmp_path: Path, run: Training) -> None:
    save_state(tmp_path / "checkpoint.pt", run.state())
    assert_same(load_state(tmp_path / "checkpoint.pt"), run.state())
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]


@pytest.mark.parametrize("keep", [0, 10, 0.2, 0.5, 0.9, -1])
def test_truncated_state_is_refused_and_kept(tmp_path: Path, run: Training, keep: float) -> None:
    path = tmp_path / "checkpoint.pt"
    save_state(path, run.state())
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
    save_state(path, run.state())
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
    save_weights(path, saved)
    load_weights(path, loaded)
    assert weights_hash(saved) == weights_hash(loaded)
    theirs = safetensors.torch.load_file(path)
    assert all(torch.equal(theirs[name], value) for name, value in saved.state_dict().items())


def test_weights_that_are_missing_damaged_or_anothers_are_refused(tmp_path: Path) -> None:
    model = networks.build("cnn")
    before = weights_hash(model)
    save_weights(tmp_path / "mlp", networks.build("mlp"))
    save_weights(tmp_path / "cnn", model)
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
