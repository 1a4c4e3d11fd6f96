"""A run that went to another store: it is the same run there, and goes on to the same bits."""

import json
import os
import time
import zipfile
from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.export.run_zip import pack
from mnist_core.export.run_zip.unpack import import_run
from mnist_core.jobs import finetuning
from mnist_core.jobs.verification import verify
from mnist_core.runs import manifest, notes, store
from mnist_core.runs.run import Run
from tests.mnist_core.jobs.test_finetuning import keep
from tests.support.command_line import Output, json_of, refused, run_line
from tests.support.run_folders import of_this_process
from tests.support.run_zips import altered
from tests.support.tiny_runs import CONFIG, train


def test_a_run_arrives_in_another_store_and_goes_on_there_to_the_same_bits(
    capsys: Output, trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, other = trained.path.parents[1], tmp_path / "other"
    notes.rename(trained, "Mine")
    notes.tag(trained, ["for you"])
    notes.keep(trained)
    (trained.path / "control.json").write_text('{"wishes": [{"serial": 1, "at": 1.0, "wish": "stop"}]}')
    status, out, err = run_line(capsys, "export", trained.id, "--format=zip", "-o", str(tmp_path / "run.zip"))
    assert (status, err) == (0, "")
    assert "Checked over 10,000 test digits: 0 different answers" in out
    assert "is there already" in refused(capsys, "export", trained.id, "--format=zip", "-o", str(tmp_path / "run.zip"))

    other.mkdir()
    (other / "data").symlink_to(home / "data")
    monkeypatch.setenv("MNIST_HOME", str(other))
    told = json_of(capsys, "import", str(tmp_path / "run.zip"), "--json")
    assert (told["run"], told["state"], told["was_here"]) == (trained.id, "finished", False)
    arrived = store.find(trained.id)
    assert arrived.path.is_relative_to(other)
    assert manifest.damaged(arrived.path) == {}
    record = arrived.record()
    assert record.imported is not None
    assert (record.imported.file, record.model_copy(update={"imported": None})) == ("run.zip", trained.record())
    assert (arrived.name(), arrived.notes().tags, arrived.notes().keep) == ("Mine", ("for you",), False)
    assert (arrived.status().pid, arrived.status().weights_hash) == (None, trained.status().weights_hash)
    for name in ("control.json", "log.txt", ".lock"):
        assert not (arrived.path / name).exists()
    assert arrived.metrics()[0] == trained.metrics()[0]
    assert "imported" in run_line(capsys, "runs")[1]
    assert json_of(capsys, "runs", "--json")[0]["imported"]["file"] == "run.zip"

    with zipfile.ZipFile(tmp_path / "run.zip", "a") as archive:  # packed again by a Mac
        archive.writestr(f"__MACOSX/{trained.id}/._config.json", b"x")
        archive.writestr(f"{trained.id}/.DS_Store", b"x")
    status, out, _ = run_line(capsys, "import", str(tmp_path / "run.zip"))
    assert (status, "is here already, as it is in this file" in out) == (0, True)
    assert run_line(capsys, "compare", trained.id, "shipped")[0] == 0


def test_going_on_elsewhere_ends_in_the_same_bits(
    tiny: None, home: Path, other_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test with 100 digits, so that its answers are of another shape: they are left out."""
    monkeypatch.setenv("MNIST_HOME", str(home))
    run = store.create(CONFIG)
    train(run)
    for path in run.path.glob("epochs/*.npy"):
        path.unlink()
    pack._pack(run, home / "run.zip")
    train(run, 3)
    monkeypatch.setenv("MNIST_HOME", str(other_home))
    arrived = import_run(home / "run.zip").run
    train(arrived, 3)
    assert arrived.status().weights_hash == run.status().weights_hash
    assert arrived.weights(3).read_bytes() == run.weights(3).read_bytes()
    with pytest.raises(Exception, match="There is another run"):  # it went on
        import_run(home / "run.zip")
    beside = import_run((home / "run.zip").read_bytes(), new_id=True).run
    assert beside.id != arrived.id
    assert beside.id[:20] == arrived.id[:20]
    assert (beside.status().epoch, arrived.status().epoch) == (2, 3)


def test_a_copy_of_a_training_run_is_interrupted_and_nobody_trains_it(packed: bytes, other_home: Path) -> None:
    alive = of_this_process(state="running", queued_at=time.time(), images_per_second=5.0)

    def change(files: dict[str, bytes]) -> None:
        said = json.loads(files["status.json"]) | alive
        del said["digest"]
        files["status.json"] = json.dumps(said).encode()
        record = json.loads(files["config.json"]) | {"sweep": "20260101-000000-sweep-0001", "trial": 3}
        files["config.json"] = json.dumps(record).encode()

    run = import_run(altered(packed, change)).run
    said = json.loads((run.path / "status.json").read_text())
    assert (said["state"], said["pid"], said["pid_namespace"], said["heartbeat_uptime"]) == (
        "interrupted",
        None,
        0,
        None,
    )
    assert said["images_per_second"] is None
    assert (run.record().sweep, run.record().trial) == (None, None)
    store.refuse_training(run)  # it is not


def test_a_fine_tuned_run_takes_its_own_digits_along(
    trained: Run, other_home: Path, monkeypatch: pytest.MonkeyPatch, tiny: None
) -> None:
    home = trained.path.parents[1]
    monkeypatch.setenv("MNIST_HOME", str(home))
    monkeypatch.setattr(finetuning, "PER_CLASS", 20)
    keep(6)
    run = finetuning.create(trained)
    train(run)
    for path in run.path.glob("epochs/*.npy"):
        path.unlink()
    pack._pack(run, home / "run.zip")
    monkeypatch.setenv("MNIST_HOME", str(other_home))
    arrived = import_run(home / "run.zip").run
    assert verify(arrived).same
    with pytest.raises(Exception, match=r"lacks own\.npz"):
        import_run(altered((home / "run.zip").read_bytes(), lambda files: files.pop("own.npz")), new_id=True)


def test_what_a_killed_import_left_goes_with_the_next_one(packed: bytes, other_home: Path) -> None:
    half = other_home / "runs" / f"{store.INCOMING}0123"
    (half / "epochs").mkdir(parents=True)
    (half / "config.json").write_text("{}")
    assert store.every() == []
    old = time.time() - store.OLD_SECONDS - 1
    os.utime(half, (old, old))
    import_run(packed)
    assert not half.exists()


def test_another_run_under_its_id_stays(packed: bytes, other_home: Path, capsys: Output, tmp_path: Path) -> None:
    run = import_run(packed).run
    (run.path / "epochs" / "0001.safetensors").write_bytes(b"damaged")
    before = sorted((path, path.stat().st_mtime_ns) for path in run.path.rglob("*"))
    (tmp_path / "run.zip").write_bytes(packed)
    assert "--new-id" in refused(capsys, "import", str(tmp_path / "run.zip"))
    assert sorted((path, path.stat().st_mtime_ns) for path in run.path.rglob("*")) == before
    assert [path.name for path in (other_home / "runs").iterdir()] == [run.id]


def test_the_shipped_run_and_one_without_weights_are_not_exported(capsys: Output, home: Path, tmp_path: Path) -> None:
    run = store.create(TrainConfig())
    for which, words in (("shipped", "in every copy of this project"), (run.id, "has no weights yet")):
        assert words in refused(capsys, "export", which, "--format=zip", "-o", str(tmp_path / "a.zip"))
    assert not list(tmp_path.glob("*.zip*"))
