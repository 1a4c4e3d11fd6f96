"""Steering for real: a training process, other processes that steer it, and kill -9."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher, steering
from mnist_core.jobs.verification import verify
from mnist_core.runs.run import Run
from mnist_core.system.files import REPOSITORY
from tests.conftest import wait_until
from tests.support.command_line import Output, json_of


def rests_at(run: Run, step: int) -> None:
    wait_until(lambda: run.status().state == "paused" and run.status().step == step, f"rest at step {step}")


@pytest.mark.slow
def test_steps_asked_from_two_terminals_are_exact_also_across_kill_9(home: Path, capsys: Output) -> None:
    # 1,000 digits and 32 updates an epoch
    run = launcher.start(TrainConfig(epochs=3, digits_per_class=100, batch_size=32, threads=1))
    steering.pause(run)  # it is handled when the process is there
    rests_at(run, 0)
    pid = run.status().pid
    assert pid is not None

    both = [
        subprocess.Popen(
            [sys.executable, "-m", "mnist_core", "step", run.id, "--steps", steps], cwd=REPOSITORY, stdout=-1
        )
        for steps in ("3", "4")
    ]
    assert [terminal.communicate(timeout=60) and terminal.returncode for terminal in both] == [0, 0]
    rests_at(run, 7)
    assert json_of(capsys, "set", run.id, "--learning-rate=0.02", "--momentum=0.9", "--json")["learning_rate"] == 0.02

    assert json_of(capsys, "step", run.id, "--epoch", "--json") == {
        "run": run.id, "state": "paused", "epoch": 1, "step": 32, "samples_seen": 1000, "learning_rate": 0.02,
        "momentum": 0.9,
    }  # fmt: skip

    os.kill(pid, signal.SIGSTOP)  # it cannot answer: what is asked now, it has not handled when it is killed
    steering.step(run, 5)
    steering.set_rates(run, momentum=0.5)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: run.status().state == "interrupted" and not run.is_held(), "the death of the trainer")
    launcher.resume(run)
    rests_at(run, 37)
    assert run.status().pid != pid
    assert run.status().momentum == 0.5

    steering.unpause(run)
    status = launcher.wait(run, 60)
    assert (status.state, status.step) == ("finished", 96)
    kinds = [(event["step"], event["event"]) for event in run.events()]
    assert kinds[0] == (0, "paused")
    assert kinds[-6:] == [
        (7, "rates"), (32, "stepped"), (32, "resumed"), (32, "rates"), (37, "stepped"), (37, "unpaused"),
    ]  # fmt: skip
    found = verify(run)
    assert (found.same, found.rate_changes) == (True, 2)
