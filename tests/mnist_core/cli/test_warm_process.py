"""The process that stands by, for real."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.system.files import REPOSITORY
from mnist_core.system.processes import Process

stand_by = launcher.stand_by  # the fixture below puts it back: conftest takes it away from the pages


@pytest.fixture
def ready(home: Path) -> Iterator[Process]:
    stand_by()
    process = launcher._standby
    assert process is not None
    yield process
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
    launcher._standby = None


@pytest.mark.slow
def test_the_run_is_trained_by_the_process_that_stood_by(ready: Process) -> None:
    stand_by()
    assert launcher._standby is ready, "one is enough"
    run = launcher.start(TrainConfig(model="mlp", epochs=1, batch_size=1024, threads=1))
    status = launcher.wait(run, seconds=60)
    assert (status.state, status.pid) == ("finished", ready.pid)
    assert ready.wait(timeout=30) == 0
    assert run.id in run.log.read_text()


@pytest.mark.slow
def test_one_that_has_died_is_replaced_and_missed_by_nobody(ready: Process) -> None:
    ready.kill()
    ready.wait()
    run = launcher.start(TrainConfig(model="mlp", epochs=1, batch_size=1024, threads=1))
    assert launcher.wait(run, seconds=60).state == "finished"
    assert run.status().pid != ready.pid


def test_it_leaves_with_the_dashboard(home: Path) -> None:
    waits = "from mnist_core.cli import warm_process as one; one.prepare = lambda: None; raise SystemExit(one.main())"
    with subprocess.Popen([sys.executable, "-c", waits], cwd=REPOSITORY, stdin=subprocess.PIPE) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 0
    assert store.every() == []
