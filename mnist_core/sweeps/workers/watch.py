"""Watches over a trial while it trains, in a thread of its own: the training never waits for the storage.

It reports each epoch, asks whether the trial is worth going on with, tells the storage that the worker lives, and has
the run paused, or stopped, by the commands that a person could give.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from filelock import FileLock

from mnist_core.errors import DamagedError, MnistError
from mnist_core.runs import commands, store
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run
from mnist_core.sweeps.plan import SweepPlan
from mnist_core.sweeps.storage import StorageAwayError, telling
from mnist_core.sweeps.sweep import WISH, Sweep
from mnist_core.sweeps.workers.slots import beat
from mnist_core.system.files import is_locked

if TYPE_CHECKING:
    from optuna import Trial

WATCH_SECONDS = 0.5


def somebody_trains() -> bool:
    """Whether a training of a person has the training slot of this machine: it goes before all trials."""
    path = store.runs_folder() / ".training.lock"
    if not path.exists() or not is_locked(FileLock(path)):
        return False
    time.sleep(0.02)  # another worker may have looked at this moment, which takes the lock
    return is_locked(FileLock(path))


class Watch:
    """Entered while `run` trains for `trial`; `reports`: its epochs are those that pruning compares."""

    def __init__(self, sweep: Sweep, trial: "Trial", run: Run, plan: SweepPlan, reports: bool) -> None:
        self.sweep = sweep
        self.place = sweep.place
        self.trial = trial
        self.run = run
        self.plan = plan
        self.reports = reports
        self.reason: Literal["", "pruned", "stopped", "taken"] = ""  # why the run was stopped
        self.was_away = False  # the storage, at some time meanwhile
        self._epochs = run.record().config.epochs
        self._status = run.status()
        self._told = set(trial.storage.get_trial(trial._trial_id).intermediate_values)
        self._tests: dict[int, float] = {}
        self._paused = False
        self._beaten = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def on_progress(self, status: Status, total: int) -> None:
        """Takes each status that the trainer reports."""
        self._status = status
        if status.state in ("running", "finished") and status.epoch and status.validation_accuracy is not None:
            self._tests.setdefault(status.epoch, status.validation_accuracy)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
        if error is None:
            self.flush()

    def flush(self) -> None:
        """Report the epochs that were not reported yet; what the storage does not take now, the result replaces."""
        self._read_tests()
        self._try(self._report)

    def _watch(self) -> None:
        self._read_tests()
        while not self._end.wait(WATCH_SECONDS):
            self._try(self._look)

    def _try(self, act: Callable[[], None]) -> None:
        from optuna.exceptions import UpdateFinishedTrialError

        try:
            with telling(self.place):
                act()
        except (StorageAwayError, DamagedError):  # the training goes on; what is to be reported waits
            self.was_away = True
        except UpdateFinishedTrialError:  # another worker was given the trial
            self._stop("taken")

    def _read_tests(self) -> None:
        """The epochs that an earlier worker has trained."""
        with suppress(MnistError):
            for row in self.run.metrics()[0]:
                if row["epoch"] and "validation_accuracy" in row:
                    self._tests[row["epoch"]] = row["validation_accuracy"]

    def _look(self) -> None:
        if time.monotonic() - self._beaten > self.plan.grace_seconds / 6:
            beat(self.trial.study, self.trial._trial_id)
            self._beaten = time.monotonic()
        if not self._is_ours():
            self._stop("taken")
            return
        wish = self.trial.study.user_attrs.get(WISH, "run")
        if wish == "stop":
            self._stop("stopped")
            return
        self._pause(wish == "pause" or somebody_trains())
        self._report()
        if self._is_compared() and self.trial.should_prune():
            self._stop("pruned")

    def _is_compared(self) -> bool:
        """Whether there is an epoch, not the last one, that pruning may end the trial after."""
        return self.reports and self.plan.pruner != "none" and bool(self._told) and max(self._told) < self._epochs

    def _is_ours(self) -> bool:
        from optuna.trial import TrialState

        return self.trial.storage.get_trial(self.trial._trial_id).state == TrialState.RUNNING

    def _report(self) -> None:
        for epoch, accuracy in sorted(self._tests.items()):
            if self.reports and epoch not in self._told:
                self.trial.report(accuracy, epoch)
                self._told.add(epoch)

    def _pause(self, wanted: bool) -> None:
        if wanted != self._paused and self._status.state in ("running", "paused"):
            self._ask("pause" if wanted else "unpause")
            self._paused = wanted

    def _stop(self, reason: Literal["pruned", "stopped", "taken"]) -> None:
        """Once the run trains: a command that is older than its session is not obeyed."""
        if not self.reason and self._status.state in ("running", "paused"):
            self._ask("stop")
            self.reason = reason

    def _ask(self, what: str) -> None:
        with suppress(MnistError):
            commands.ask(self.run, what)
