"""A run on its way to another machine: it arrives as it was, and what is no run does not."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from optuna.artifacts import FileSystemArtifactStore

from mnist_core.errors import DamagedError, RequestError
from mnist_core.runs import manifest, store
from mnist_core.runs.run import Run
from mnist_core.sweeps import results
from mnist_core.sweeps import sweep as sweeps
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import artifacts, loop

Make = Callable[..., Sweep]


def changed(content: bytes, **files: bytes) -> bytes:
    """The ZIP with some files replaced (`config_json`) or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        there = {name: old.read(name) for name in old.namelist()}
        wanted = {next((name for name in there if name.replace(".", "_") == key), key): files[key] for key in files}
        for name, kept in (there | wanted).items():
            new.writestr(name, kept)
    return buffer.getvalue()


@pytest.fixture
def trained_sweep(make: Make) -> Sweep:
    sweep = make(trials=1, epochs=3)
    loop.work(sweep)
    return sweep


def the_run(sweep: Sweep) -> Run:
    return store.find(results.trials(sweep)[0].runs[0])


def test_a_run_arrives_as_it_was(trained_sweep: Sweep, tmp_path: Path) -> None:
    run = the_run(trained_sweep)
    content = artifacts.packed(run)
    run.path.rename(tmp_path / "away")
    away = Run(tmp_path / "away")
    arrived = artifacts._unpack(content, run.id, trained_sweep.id)
    assert arrived == run
    assert manifest.damaged(arrived.path) == {}
    assert (arrived.record(), arrived.metrics()) == (away.record(), away.metrics())
    assert arrived.status() == away.status()
    kept = arrived.saved_epochs()
    assert kept[-1] == 3
    assert set(kept) <= {0, 1, 2, 3}
    for epoch in kept:
        assert arrived.weights(epoch).read_bytes() == away.weights(epoch).read_bytes()
        answers = arrived.test_log_probabilities(epoch)
        assert answers.read_bytes() == away.test_log_probabilities(epoch).read_bytes()
    assert not arrived.checkpoint.exists(), "nothing that holds code is taken from outside"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x05\x06" + bytes(18),
        b"no zip at all",
    ],
)
def test_what_is_no_zip_of_a_run_is_refused(store: Path, content: bytes) -> None:
    with pytest.raises(DamagedError, match=r"^what came is"):
        artifacts._unpack(content, "20260101-000000-cnn-0001", "s")
    assert not list(store.rglob("*cnn-0001*"))


def test_only_a_runs_files_of_this_sweep_are_taken(trained_sweep: Sweep, tmp_path: Path) -> None:
    run = the_run(trained_sweep)
    content = artifacts.packed(run)
    run.path.rename(tmp_path / "away")
    config = json.loads((tmp_path / "away" / "config.json").read_text())
    status = json.loads((tmp_path / "away" / "status.json").read_text())
    huge = json.dumps(config | {"config": config["config"] | {"epochs": 10**9}}).encode()
    running = json.dumps(status | {"state": "running"}).encode()
    for wrong in (
        changed(content, config_json=b"[]"),
        changed(content, config_json=huge),
        changed(content, config_json=json.dumps(config | {"sweep": "another"}).encode()),
        changed(content, status_json=running),
        changed(content, status_json=b'{"state": "dancing"}'),
        content[:-30],
    ):
        with pytest.raises(DamagedError):
            artifacts._unpack(wrong, run.id, trained_sweep.id)
        assert store.every() == []
        assert not list(store.runs_folder().glob(".incoming*"))
    more = {"../outside.txt": b"x", "/tmp/outside.txt": b"x", "checkpoint.pt": b"x", "epochs/../../x.txt": b"x"}
    arrived = artifacts._unpack(changed(content, **more), run.id, trained_sweep.id)
    assert not list(tmp_path.rglob("outside.txt"))
    assert not arrived.checkpoint.exists()


def test_a_bomb_is_not_unpacked(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MAX_UNPACKED", 1000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("config.json", "status.json", "metrics.jsonl"):
            archive.writestr(name, bytes(5000))
    with pytest.raises(DamagedError, match="holds too much"):
        artifacts._unpack(buffer.getvalue(), "20260101-000000-cnn-0001", "s")


class AwayError(Exception):
    """Of a tree of its own, as boto3's."""


def test_a_store_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    class Away(FileSystemArtifactStore):
        def open_reader(self, artifact_id: str) -> BinaryIO:
            raise AwayError("Could not connect to the endpoint.")

    with pytest.raises(RequestError, match=r"cannot be read \(Could not connect to the endpoint\)\.$"):
        artifacts._fetched(Away(tmp_path), "id")


def test_a_place_in_s3_without_boto3_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RequestError, match="pip install boto3"):
        artifacts.artifact_store("s3://bucket")


def test_a_sweep_file_that_holds_a_password_is_for_its_owner_only(trained_sweep: Sweep) -> None:
    assert (trained_sweep.path / "sweep.json").stat().st_mode & 0o077 == 0
    assert sweeps.find("latest") == trained_sweep
