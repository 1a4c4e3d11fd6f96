"""`doctor`: a line for each thing that is wrong, and what mends it."""

import os
import shutil
import time
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from mnist_core.cli.app import main
from mnist_core.drawing import collection
from mnist_core.errors import DataError
from mnist_core.jobs.doctor import facts
from mnist_core.runs import manifest, store
from tests.support.run_folders import add


def wrong(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """The lines of what is wrong; the status says whether something is left."""
    status = main(["doctor", *options])
    lines = capsys.readouterr().out.splitlines()[len(facts()) :]
    if lines == ["Nothing is wrong: every file is as it was written."]:
        lines = []
    assert status == int(any(not line.startswith("Mended: ") for line in lines))
    return lines


def test_it_names_each_thing_that_is_wrong_and_nothing_else(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [add(f"20260101-000000-cnn-000{number}") for number in range(4)]
    for run in runs:
        manifest.replace(run.weights(1), b"weights")
    assert wrong(capsys) == []
    (runs[0].path / "config.json").write_text("{")
    runs[1].weights(1).write_bytes(b"Weights")
    (runs[2].path / "status.json").write_text("5")
    collection.folder().mkdir()
    (collection.folder() / "20260101-000000-abcdef.json").write_text("{")
    lines = wrong(capsys)
    for run, name in zip(runs, ("config.json", "0001.safetensors", "status.json"), strict=False):
        (line,) = [line for line in lines if run.id in line]
        assert name in line and "put a copy back" in line.lower()
    assert len(lines) == 4 and "20260101-000000-abcdef" in lines[3]
    assert wrong(capsys, "--repair") == lines  # nothing of this can be mended without losing something


def test_repair_mends_what_can_be_had_again_and_says_what_is_left(
    home: Path, prepared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "data").unlink()
    shutil.copytree(prepared_data, home / "data")
    labels = home / "data" / "MNIST" / "raw" / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1])
    run = add("20260101-000000-cnn-0001")
    manifest.replace(run.test_log_probabilities(1), b"answers")
    run.test_log_probabilities(1).write_bytes(b"Answers")
    manifest.replace(run.weights(1), b"weights")
    run.weights(1).write_bytes(b"Weights")
    fresh, old = run.path / ".status.json.0123abcd", run.path / "epochs" / ".0001.test.npy.0123abcd"
    for temporary, age in ((fresh, 0), (old, store.OLD_SECONDS + 1)):
        temporary.touch()
        os.utime(temporary, (time.time() - age,) * 2)
    lines = wrong(capsys)
    assert len(lines) == 4
    assert [labels.name in lines[0], "0001.test.npy" in lines[1], "0001.safetensors" in lines[2], old.name in lines[3]]
    mended = wrong(capsys, "--repair")
    assert [line.removeprefix("Mended: ") for line in mended] == lines
    assert [line.startswith("Mended: ") for line in mended] == [True, True, False, True]
    assert wrong(capsys) == [lines[2]]
    assert (fresh.exists(), old.exists()) == (True, False)  # a writer may be at work on the fresh one


def test_repair_leaves_a_persons_own_hidden_files(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = add("20260101-000000-cnn-0001")
    (home / "drawings").mkdir()
    own = [
        home / ".env.template",
        home / ".bashrc.original",
        home / "drawings" / ".index.20260101",
        run.path / ".a.original",
    ]
    drawing = home / "drawings" / ".20260101-000000-abcdef.28.png.0123abcd"
    killed = [home / ".machine.json.0123abcd", drawing, run.path / ".config.json.0123abcd"]
    for path in (*own, *killed):
        path.touch()
        os.utime(path, (time.time() - store.OLD_SECONDS - 1,) * 2)
    wrong(capsys, "--repair")
    assert [path for path in (*own, *killed) if path.exists()] == own


def test_a_repair_that_fails_does_not_hide_what_else_is_wrong(
    home: Path, prepared_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise DataError("No copy could be had.")

    (home / "data").unlink()
    shutil.copytree(prepared_data, home / "data")
    labels = home / "data" / "MNIST" / "raw" / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1])
    run = add("20260101-000000-cnn-0001")
    (run.path / "status.json").write_text("5")
    monkeypatch.setattr("mnist_core.jobs.doctor.prepare", fails)
    lines = wrong(capsys, "--repair")
    assert [labels.name in lines[0], run.id in lines[1], len(lines)] == [True, True, 2]


def test_other_versions_a_full_disk_and_a_home_that_cannot_be_made_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3" if name == "torch" else version(name))
    usage = SimpleNamespace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(os, "access", lambda path, mode: path != home)
    lines = wrong(capsys)
    assert len(lines) == 3
    assert lines[0].startswith("torch ") and "1.2.3 is installed: `pip install torch==" in lines[0]
    assert lines[1] == f"{home} cannot be written: set MNIST_HOME to a folder you can write to."
    assert lines[2].startswith("Only 1 MB are free")


def test_missing_data_is_named_where_no_copy_is_left(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "data").unlink()
    assert wrong(capsys) == []  # the repository's archives are unpacked by the first training
    monkeypatch.setattr("mnist_core.jobs.doctor.REPOSITORY", tmp_path / "no repository")
    monkeypatch.setattr("mnist_core.runs.store.SHIPPED", tmp_path / "no run")
    monkeypatch.setattr(metadata, "requires", lambda name: ["pytest"])
    monkeypatch.setattr(metadata, "version", lambda name: "")
    assert [line.split(" is missing")[0].rpartition("/")[2] for line in wrong(capsys)] == [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ]
