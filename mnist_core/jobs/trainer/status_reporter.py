"""Writes status.json: what a trainer is doing."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import FailureKind, MnistError
from mnist_core.runs import store
from mnist_core.runs.records import HEARTBEAT_SECONDS, Status, heartbeat, silent_seconds
from mnist_core.runs.run import Run

if TYPE_CHECKING:  # a queued run waits without paying for torch
    from mnist_core.training.loop import Training


class StatusReporter:
    """Keeps a run's status, writes it, and calls `on_progress` with it."""

    def __init__(self, run: Run, config: TrainConfig, on_progress: Callable[[Status, int], None]) -> None:
        self.run = run
        self.status = run.status()
        self.config = config
        self.on_progress = on_progress
        self.training: Training | None = None  # once it is open, every report says where it stands
        self._speed_mark = (0.0, 0)

    def report(self, **changes: Any) -> Status:
        """Renew status.json with these changes."""
        if training := self.training:
            changes |= {"epoch": max(training.tested_epoch, 0), "step": training.step}
            changes |= {"samples_seen": training.samples_seen, **training.rates}
        self.status = self.status.model_copy(update={**changes, **heartbeat()})
        store.write_status(self.run, self.status)
        self.on_progress(self.status, self.config.epochs * self.config.train_size)
        return self.status

    def report_if_possible(self, **changes: Any) -> None:
        """As `report`, after a failure: the disk that made it fail refuses this too, and the first error counts."""
        with suppress(MnistError):
            self.report(**changes)

    def report_failure(self, error: str, kind: FailureKind = "other") -> None:
        """The run failed: what a person is told, and what kind of failure it was."""
        self.report_if_possible(state="failed", error=error, failure=kind, images_per_second=None)

    def heartbeat(self) -> None:
        """Renew the heartbeat, if the last report is over a second old."""
        if silent_seconds(self.status) > 1:
            self.report()

    def restore_last_test(self) -> None:
        """Take the last test's results from metrics.jsonl: a kill before the report leaves the status behind."""
        tests = [row for row in self.run.metrics()[0] if "test_accuracy" in row]
        for name in ("test_loss", "test_accuracy", "validation_accuracy"):
            if tests:
                setattr(self.status, name, tests[-1].get(name))

    def start_clock(self, samples_seen: int) -> None:
        """Measure the speed from here."""
        self._speed_mark = (time.perf_counter(), samples_seen)

    def measure_speed(self, samples_seen: int) -> None:
        """Report the speed, where a heartbeat has passed since the last time."""
        now = time.perf_counter()
        if now - self._speed_mark[0] > HEARTBEAT_SECONDS:
            seconds, samples = now - self._speed_mark[0], samples_seen - self._speed_mark[1]
            self._speed_mark = (now, samples_seen)
            previous = self.status.images_per_second
            speed = samples / seconds if previous is None else 0.7 * previous + 0.3 * samples / seconds
            self.report(images_per_second=speed)
