"""`stop`, `pause`, `step`, `set` and the like: what they refuse."""

from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from mnist_core.runs import commands, store
from mnist_core.runs.run import Run
from tests.support.command_line import Output, refused


def test_stop_that_is_not_answered_is_said(capsys: Output, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(TrainConfig())  # queued, and nobody trains it
    wait = launcher.wait
    monkeypatch.setattr(launcher, "wait", lambda run, seconds: wait(run, 0.1))
    assert "has not answered" in refused(capsys, "stop")
    assert [command.name for command in commands.pending(run)] == ["stop"]


@pytest.mark.parametrize("command", ["pause", "unpause", "step", "step --epoch", "set --momentum 0.9"])
def test_run_at_rest_is_not_steered(capsys: Output, trained: Run, command: str) -> None:
    name, *options = command.split()
    assert "is not being trained: it is finished" in refused(capsys, name, trained.id, *options)


def test_wrong_rates_and_steps_are_refused_before_anything_is_asked(capsys: Output, home: Path) -> None:
    run = store.create(TrainConfig())
    assert "learning_rate must be a number from 1e-06 to 10; 'x' was given." in refused(
        capsys, "set", "--learning-rate", "x"
    )
    assert "momentum must be a number from 0 to 0.99; '1' was given." in refused(capsys, "set", "--momentum", "1")
    assert "Say which rate to change" in refused(capsys, "set")
    assert "steps must be a whole number from 1 to 1,000,000; '0' was given." in refused(capsys, "step", "--steps", "0")
    assert commands.pending(run) == []
