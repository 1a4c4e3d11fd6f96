"""Killed writers leave nothing for long, and what is asked in vain leaves nothing at all."""

import os
from pathlib import Path

import pytest
import torch

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.system.files import write_atomically
from mnist_core.system.processes import identity, is_running
from tests.support.command_line import Output, refused
from tests.support.tiny_runs import CONFIG, train


def test_temporary_files_of_killed_writers_go_when_the_run_is_opened(home: Path) -> None:
    run = store.create(CONFIG.replace(epochs=1))
    torn = [run.path / f".{name}.json.0123abcd" for name in ("status", "manifest")]
    torn.append(run.path / "epochs" / ".0001.safetensors.q_3f9a1b")
    others = run.path / ".notes.json.0123abcd"  # somebody may be writing it now
    for path in (*torn, others):
        path.write_bytes(b"half")
    old = run.path / ".control.json.0123abcd"
    old.write_bytes(b"half")
    os.utime(old, (0, 0))
    train(run)
    assert [path.exists() for path in (*torn, old, others)] == [False, False, False, False, True]


def test_half_created_folders_go_after_an_hour_and_others_stay(home: Path) -> None:
    names = [f"20260101-000000-cnn-000{number}" for number in range(3)]
    half, young, damaged = (home / "runs" / name for name in names)
    for path in (half, young, damaged):
        (path / "epochs").mkdir(parents=True)
        (path / "status.json").touch()
    (half / ".status.json.0123abcd").touch()
    incoming = [home / "runs" / f".incoming-{name}" for name in ("old", "young")]  # of runs from other machines
    for path in incoming:
        path.mkdir()
        (path / "config.json").touch()
    os.utime(incoming[0], (0, 0))
    (damaged / "checkpoint.pt").touch()  # its config.json is lost, but something was trained
    for path in (half, damaged):
        os.utime(path, (0, 0))
    store.create(TrainConfig())
    assert [path.exists() for path in (half, young, damaged, *incoming)] == [False, True, True, False, True]


@pytest.mark.skipif(os.name != "posix", reason="there are no such rights")
def test_files_are_as_private_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_atomically(tmp_path / "a", b"mine")
        os.umask(0o022)
        write_atomically(tmp_path / "b", b"everybody's")
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in "ab"] == [0o600, 0o644]


def test_a_device_that_is_not_there_leaves_no_run(capsys: Output, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "device cuda is not available" in refused(capsys, "train", "--device", "cuda")
    with pytest.raises(RequestError, match="device cuda is not available"):
        launcher.start(TrainConfig(device="cuda"))
    assert not (home / "runs").exists()


def test_a_clock_that_is_set_by_a_second_or_two_interrupts_nothing() -> None:
    started = identity()["process_started"]
    assert is_running(os.getpid(), started - 2) and is_running(os.getpid(), started + 2)
    assert not is_running(os.getpid(), started - 100)
