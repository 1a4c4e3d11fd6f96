"""Which trial is whose: exactly as many as asked for, each finished once, and none lost.

Every trial that is to be is enqueued before anybody trains it, with its number, the slot. A worker claims one by the
storage's own change of state, which only one of several can make. A slot has more than one attempt where a worker died:
its attempt is failed, again by a change that only one can make, and the slot is enqueued once more. Should it be
enqueued twice (a process died between the two), whoever claims the second finds the first and lets it go.
"""

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from mnist_core.system.processes import identity, is_running

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

SLOT, ATTEMPT, RUNS, WORKER, ERROR, VALUES, NOTE = "slot", "attempt", "runs", "worker", "error", "values", "note"
MAX_ATTEMPTS = 5  # a trial whose workers die this often is given up
UNNAMED_SECONDS = 15.0  # a claimed trial has its worker's name after so long


def slot_of(trial: "FrozenTrial") -> int:
    """The trial's number among those asked for, from 0."""
    return int(trial.user_attrs.get(SLOT, trial.number))


def by_slot(study: "Study") -> "dict[int, list[FrozenTrial]]":
    """The attempts of each slot, the earliest first."""
    found: dict[int, list[FrozenTrial]] = {}
    for trial in study.get_trials(deepcopy=False):
        found.setdefault(slot_of(trial), []).append(trial)
    return dict(sorted(found.items()))


def current(attempts: "list[FrozenTrial]") -> "FrozenTrial":
    """The attempt that counts: the one that has a result, else the one at work or waiting, else the last."""
    from optuna.trial import TrialState

    order = {TrialState.COMPLETE: 0, TrialState.PRUNED: 1, TrialState.RUNNING: 2, TrialState.WAITING: 3}
    return min(attempts, key=lambda trial: (is_given_up(trial), order.get(trial.state, 4), -trial.number))


def is_given_up(trial: "FrozenTrial") -> bool:
    """Whether it is a second attempt of a slot that another attempt has."""
    return trial.user_attrs.get(NOTE) == "superseded"


def fill(study: "Study", count: int) -> None:
    """Enqueue the slots below `count` that are not there yet; the caller holds the sweep's lock."""
    there = by_slot(study)
    for slot in range(count):
        if slot not in there:
            study.enqueue_trial({}, {SLOT: slot})


def claim(study: "Study") -> int | None:
    """The id of a waiting trial that is this process's from now on; None where none waits."""
    from optuna.exceptions import UpdateFinishedTrialError
    from optuna.trial import TrialState

    storage, study_id = study._storage, study._study_id
    for trial in sorted(storage.get_all_trials(study_id, False, (TrialState.WAITING,)), key=slot_of):
        beat(study, trial._trial_id)  # before it runs: nobody finds it silent
        try:
            if not storage.set_trial_state_values(trial._trial_id, TrialState.RUNNING):
                continue
        except UpdateFinishedTrialError:
            continue
        others = [other for other in by_slot(study)[slot_of(trial)] if other.number != trial.number]
        if any(_has_the_slot(other, trial) for other in others):
            storage.set_trial_user_attr(trial._trial_id, NOTE, "superseded")
            storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
            continue
        storage.set_trial_user_attr(trial._trial_id, WORKER, this_worker())
        return int(trial._trial_id)
    return None


def _has_the_slot(other: "FrozenTrial", trial: "FrozenTrial") -> bool:
    from optuna.trial import TrialState

    if other.state in (TrialState.COMPLETE, TrialState.PRUNED):
        return True
    return other.state in (TrialState.RUNNING, TrialState.WAITING) and other.number < trial.number


def this_worker() -> dict[str, Any]:
    """What names this process in a study."""
    import platform

    return {"host": platform.node(), **identity()}


def beat(study: "Study", trial_id: int) -> None:
    """Tell a database that the trial's worker lives; on the journal the process itself tells."""
    if has_heartbeat(study):
        study._storage.record_heartbeat(trial_id)  # type: ignore[attr-defined]


def has_heartbeat(study: "Study") -> bool:
    """Whether the study is in a database, where workers are heard of by their heartbeats."""
    return hasattr(study._storage, "record_heartbeat")


def give_back(study: "Study", trial_id: int) -> None:
    """Let a trial wait again; only its own worker does so, and nobody where it has been taken from it."""
    from optuna.exceptions import UpdateFinishedTrialError
    from optuna.trial import TrialState

    try:
        study._storage.set_trial_user_attr(trial_id, WORKER, None)  # the next one is not taken for this one
        study._storage.set_trial_state_values(trial_id, TrialState.WAITING)
    except UpdateFinishedTrialError:
        return


def at_work_elsewhere(study: "Study", here: Collection[int]) -> int:
    """How many trials are trained by others than the processes `here` of this machine, as far as they are heard of."""
    from optuna.trial import TrialState

    storage: Any = study._storage
    silent = set(storage._get_stale_trial_ids(study._study_id)) if has_heartbeat(study) else set()
    host, count = this_worker()["host"], 0
    for trial in storage.get_all_trials(study._study_id, False, (TrialState.RUNNING,)):
        worker = trial.user_attrs.get(WORKER)
        if worker is None or trial._trial_id in silent:
            continue
        is_here = worker["host"] == host
        if not (is_here and (worker["pid"] in here or not is_running(worker["pid"], worker["process_started"]))):
            count += 1
    return count


class Lookout:
    """Finds the trials whose workers have died, and enqueues their slots again.

    A worker that a database has not heard of for the grace period has died; but not while the database was away, or
    before this process has looked for that long. On the journal, where all are on one machine, the process tells.
    """

    def __init__(self, study: "Study", grace_seconds: float) -> None:
        self.study = study
        self.grace_seconds = grace_seconds
        self._since: dict[int, float] = {}  # when a trial was first seen as it is
        self.start_over()

    def start_over(self) -> None:
        """Look for the whole grace period again: the storage was away, and nobody's heartbeat could reach it."""
        self._began = time.monotonic()
        self._since.clear()

    def look(self) -> list[int]:
        """Fail and enqueue again what its worker has left; returns the slots."""
        from optuna.trial import TrialState

        storage: Any = self.study._storage
        running = storage.get_all_trials(self.study._study_id, False, (TrialState.RUNNING,))
        if not has_heartbeat(self.study):
            dead = [trial._trial_id for trial in running if self._has_left(trial)]
        elif time.monotonic() - self._began < self.grace_seconds:
            dead = []
        else:
            dead = list(storage._get_stale_trial_ids(self.study._study_id))
        for trial_id in dead:
            self._fail(trial_id)
        return self._enqueue_again()

    def _has_left(self, trial: "FrozenTrial") -> bool:
        """Whether the process that claimed the trial has ended."""
        worker = trial.user_attrs.get(WORKER)
        if worker is None:  # claimed a moment ago; or its worker was killed before it could name itself
            first = self._since.setdefault(trial._trial_id, time.monotonic())
            return time.monotonic() - first > UNNAMED_SECONDS
        return not is_running(worker["pid"], worker["process_started"])

    def _fail(self, trial_id: int) -> None:
        from optuna.exceptions import UpdateFinishedTrialError
        from optuna.trial import TrialState

        try:
            self.study._storage.set_trial_state_values(trial_id, TrialState.FAIL)
        except UpdateFinishedTrialError:  # another process was faster, or it has ended after all
            return

    def _enqueue_again(self) -> list[int]:
        """Enqueue each slot all of whose attempts were left by their workers."""
        from optuna.trial import TrialState

        again = []
        for slot, attempts in by_slot(self.study).items():
            if any(trial.state != TrialState.FAIL or ERROR in trial.user_attrs for trial in attempts):
                continue
            if sum(not is_given_up(trial) for trial in attempts) >= MAX_ATTEMPTS:
                continue
            last = next(trial for trial in reversed(attempts) if not is_given_up(trial))
            kept = {name: last.user_attrs[name] for name in (RUNS, VALUES) if name in last.user_attrs}
            attributes = {**kept, SLOT: slot, ATTEMPT: last.user_attrs.get(ATTEMPT, 1) + 1}
            self.study.enqueue_trial(last.params, attributes)
            again.append(slot)
        return again
