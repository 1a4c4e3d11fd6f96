"""A run that waits for its process is in the queue for as long as somebody lives who has it in hand, and no longer."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.system import processes
from mnist_core.system.files import REPOSITORY
from tests.conftest import wait_until


def test_training_whose_output_is_read_by_nobody_leaves_no_phantom(home: Path) -> None:
    command = [sys.executable, "-m", "mnist_core", "train", "--epochs", "1"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.close()
    assert child.returncode == 1
    (run,) = store.every()
    assert run.status().state == "interrupted"
    assert store.queue() == []


def test_process_that_dies_while_it_starts_is_seen_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    popen = subprocess.Popen
    waiting = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: popen(waiting, **options))
    run = launcher.start(TrainConfig())
    (child,) = processes.children
    assert (run.status().state, run.status().pid) == ("queued", child.pid)
    assert store.queue() == [run]
    child.kill()
    wait_until(lambda: not psutil.pid_exists(child.pid), "its end")
    assert run.status().state == "interrupted"
    launcher.resume(run)
    again = processes.children[-1]
    assert (run.status().state, run.status().pid) == ("queued", again.pid)
    again.kill()
    again.wait()
    assert store.queue() == []


def test_what_the_trainer_has_reported_is_not_overwritten(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    popen = subprocess.Popen

    def fast(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        (run,) = store.every()
        store.write_status(run, run.status().model_copy(update={"state": "finished", "pid": 4711, "step": 9}))
        return popen([sys.executable, "-c", ""], **options)

    monkeypatch.setattr(subprocess, "Popen", fast)
    status = launcher.start(TrainConfig()).status()
    assert (status.state, status.pid, status.step) == ("finished", 4711, 9)
