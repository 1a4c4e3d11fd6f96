"""The process that stands by, for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.system.processes import Process
from tests.conftest import wait_until

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


@pytest.mark.slow
def test_it_leaves_with_the_dashboard(ready: Process) -> None:
    assert ready.stdin is not None
    ready.stdin.close()
    wait_until(lambda: ready.poll() is not None, "the end of the process that stands by")
    assert ready.returncode == 0
    assert store.every() == []
