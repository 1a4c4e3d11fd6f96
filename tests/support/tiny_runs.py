"""Runs of a few milliseconds, and what must not depend on interruptions."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run
from mnist_core.training import device
from mnist_core.training.threads import Threads

# 200 digits: six batches of 32 and one of 8 an epoch; logged at the first, fourth and seventh.
CONFIG = TrainConfig(epochs=2, digits_per_class=20, batch_size=32, log_interval=3, threads=1, learning_rate=0.05)
STEPS = 14


def train(run: Run, epochs: int | None = None, at_step: dict[int, Callable[[], object]] | None = None) -> Status:
    """Train in this process; `at_step` says what somebody does meanwhile."""
    todo = dict(at_step or {})

    def act(status: Status, _: int) -> None:
        if status.state == "running" and status.step in todo:
            todo.pop(status.step)()

    return Worker(run, act).work(epochs, at_once=True)


def threads_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some updates of a training that begins with two; later it takes both again."""
    monkeypatch.setattr(device, "default_threads", lambda: 2)
    looks = itertools.count()

    def adapt(self: Threads) -> bool:
        if (wanted := {3: 1, 9: 2}.get(next(looks))) is None:
            return False
        self.now = wanted
        self._use(wanted)
        return True

    monkeypatch.setattr(Threads, "adapt", adapt)


def outcome(run: Run) -> dict[str, Any]:
    """What must not depend on how often a training was interrupted."""
    status = run.status()
    kept = ("state", "epoch", "step", "samples_seen", "test_loss", "test_accuracy", "weights_hash", "error")
    return {
        **{name: getattr(status, name) for name in kept},
        "rows": run.metrics()[0],
        "weights": [run.weights(epoch).read_bytes() for epoch in run.saved_epochs()],
        "epochs": run.record().config.epochs,
    }
