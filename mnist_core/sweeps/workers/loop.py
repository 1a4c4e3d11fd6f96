"""A worker: a process that imports torch once and trains trial after trial, until none is left or somebody stops it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mnist_core.errors import MnistError
from mnist_core.sweeps.storage import is_away, patiently
from mnist_core.sweeps.sweep import DEADLINE, TRIALS, WISH, Sweep
from mnist_core.sweeps.workers import slots
from mnist_core.sweeps.workers.trial import TrialRunner
from mnist_core.sweeps.workers.watch import somebody_trains
from mnist_core.system.files import make_folder, read_json, write_json
from mnist_core.system.processes import identity, is_running
from mnist_core.system.signals import Interruption

IDLE_SECONDS = 0.5
FILL_SECONDS = 60.0  # so long a worker waits for trials that were announced and are not there yet


def work(sweep: Sweep) -> bool:
    """Train trials until all have ended, the time is over, or the sweep is stopped; prints a line for each.

    Returns False where a signal ended it: its trial then waits, and goes on from its checkpoint.

    Raises RequestError where the storage or the study cannot be had, MnistError where this machine cannot train.
    """
    with _registered(sweep), Interruption() as interruption:
        worker = _Worker(sweep)
        while not (interruption.noted or worker.is_interrupted):
            try:
                if not worker.take_turn():
                    return True
            except Exception as error:
                if not is_away(error):
                    raise
                patiently(lambda: sweep.attributes(), sweep.place, lambda: interruption.noted)
                worker.lookout.start_over()
    return False


class _Worker:
    """What a worker knows between its turns."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.study = patiently(sweep.study, sweep.place)
        self.plan = sweep.plan(self.study)
        self.lookout = slots.Lookout(self.study, self.plan.grace_seconds)
        self.trials = TrialRunner(sweep, self.study, self.plan)
        self.is_interrupted = False
        self._quiet_since = time.monotonic()

    def take_turn(self) -> bool:
        """Train a trial, or wait a moment; False where there is nothing left to do. Raises what the storage does."""
        told = self.sweep.attributes(self.study)
        if told.get(WISH) == "stop" or _is_over(told):
            return False
        for slot in self.lookout.look():
            print(f"Trial {slot} is trained again: its worker has died.", flush=True)
        if told.get(WISH) == "pause" or somebody_trains():
            time.sleep(IDLE_SECONDS)
            return True
        trial_id = slots.claim(self.study)
        if trial_id is not None:
            self._train(trial_id)
        elif told.get(TRIALS) is None:
            self.study.enqueue_trial({})
        else:
            left = _left(self.study, told[TRIALS])
            if left == 0 or (left < 0 and time.monotonic() - self._quiet_since > FILL_SECONDS):
                return False
            time.sleep(IDLE_SECONDS)
        return True

    def _train(self, trial_id: int) -> None:
        try:
            ended = self.trials.train(trial_id)
        except Exception as error:
            if is_away(error):  # its run is kept, and whoever trains it again goes on with that
                patiently(lambda: slots.give_back(self.study, trial_id), self.sweep.place)
            raise
        print(f"Trial {ended.trial}: {ended.sentence}", flush=True)
        self.is_interrupted = ended.ending == "interrupted"
        if self.trials.was_away:
            self.trials.was_away = False
            self.lookout.start_over()
        self._quiet_since = time.monotonic()


def _is_over(told: dict[str, Any]) -> bool:
    deadline = told.get(DEADLINE)
    return deadline is not None and time.time() > deadline


def _left(study: Any, count: int) -> int:
    """How many trials are at work or wait; less than 0 where not all are there yet."""
    from optuna.trial import TrialState

    known = slots.by_slot(study)
    if len(known) < count:
        return -1
    unfinished = (TrialState.WAITING, TrialState.RUNNING)
    return sum(slots.current(attempts).state in unfinished for attempts in known.values())


@contextmanager
def _registered(sweep: Sweep) -> Iterator[None]:
    """While entered, this process is listed among the sweep's workers."""
    path = sweep.path / "workers" / f"{os.getpid()}.json"
    make_folder(path.parent)
    write_json(path, identity())
    try:
        yield
    finally:
        with suppress(OSError, MnistError):
            path.unlink(missing_ok=True)


def note(sweep: Sweep, pid: int) -> None:
    """List a process that was started as a worker and has not reported yet."""
    path = sweep.path / "workers" / f"{pid}.json"
    said = identity(pid)
    if said["process_started"]:
        write_json(path, said)


def at_work(sweep: Sweep) -> list[int]:
    """The process ids of the workers on this machine; what killed ones left is removed."""
    found = []
    for path in sorted((sweep.path / "workers").glob("*.json")):
        said = read_json(path)
        try:
            alive = is_running(int(said["pid"]), float(said["process_started"]))
        except (TypeError, KeyError, ValueError):
            alive = False
        if alive:
            found.append(int(said["pid"]))
        else:
            with suppress(OSError):
                path.unlink()
    return found
