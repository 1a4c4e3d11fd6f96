"""Runs of a few milliseconds, and a person who steers them."""

import time
from collections.abc import Callable

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs.trainer.status_reporter import StatusReporter
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.runs import store
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run

# 200 digits: six batches of 32 and one of 8 an epoch.
CONFIG = TrainConfig(epochs=2, digits_per_class=20, batch_size=32, log_interval=3, threads=1, learning_rate=0.05)
AN_EPOCH, STEPS = 7, 14
Act = Callable[[], object]


class Person:
    """Does one thing after the other, each when the run is in a given state at a given step."""

    def __init__(self, run: Run, *acts: tuple[str, int, Act]) -> None:
        self.run = run
        self.left = list(acts)
        self.seen: list[tuple[str, int]] = []
        self.deadline = time.monotonic() + 30

    def __call__(self, status: Status, _: int) -> None:
        now = (status.state, status.step)
        assert self.left or status.state != "paused", f"nobody is to wake it at step {status.step}"
        assert time.monotonic() < self.deadline, f"{now} has not led to {self.left}"
        if not self.seen or self.seen[-1] != now:
            self.seen.append(now)
        if self.left and self.left[0][:2] == now:
            self.left.pop(0)[2]()

    def follow(self, epochs: int | None = None, at_once: bool = True) -> Status:
        return Worker(self.run, self).work(epochs, at_once)

    @property
    def paused_at(self) -> list[int]:
        return [step for state, step in self.seen if state == "paused"]


class KilledError(BaseException):
    """Ends a training as kill -9 does: nothing is saved or reported any more."""


def kill() -> None:
    raise KilledError


def killed(person: Person) -> None:
    """Train until the person's `kill`; what had been reported after it is taken back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StatusReporter, "report_if_possible", lambda *_, **__: None)
        with pytest.raises(KilledError):
            person.follow()
    assert person.left == []


def kinds(run: Run) -> list[tuple[int, str]]:
    return [(event["step"], event["event"]) for event in run.events()]


def untouched_hash() -> str | None:
    run = store.create(CONFIG)
    return Worker(run).work(at_once=True).weights_hash
