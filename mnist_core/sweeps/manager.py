"""Start, pause, stop, resume, extend and delete a sweep, and say how it stands.

The workers on this machine are processes of their own, as trainings are: they outlive the dashboard. What they are to
do stands in the study, so that those on other machines do it too.
"""

import statistics
import time
from typing import TYPE_CHECKING, Literal, NamedTuple

from mnist_core.errors import RequestError
from mnist_core.sweeps import storage
from mnist_core.sweeps import sweep as sweeps
from mnist_core.sweeps.plan import MAX_MINUTES, MAX_WORKERS, SweepPlan
from mnist_core.sweeps.results import TrialRow, best_of, rows_of
from mnist_core.sweeps.sweep import DEADLINE, SECONDS_LEFT, TRIALS, WISH, Sweep
from mnist_core.sweeps.workers import loop, slots
from mnist_core.sweeps.workers.watch import somebody_trains
from mnist_core.system import trash
from mnist_core.system.plain_text import harmless
from mnist_core.system.processes import start_command
from mnist_core.system.program import command
from mnist_core.system.trash import Trashed

if TYPE_CHECKING:
    from optuna import Study

SweepState = Literal["running", "paused", "stopping", "stopped", "finished", "interrupted"]


class SweepStatus(NamedTuple):
    """How a sweep stands."""

    state: SweepState  # interrupted: its workers are gone and trials are left; `resume` goes on
    trials: int | None  # there are to be; None: as many as fit into the minutes
    waiting: int
    running: int
    complete: int
    pruned: int
    failed: int
    workers: int  # processes on this machine
    elsewhere: int  # trials that others train, on other machines
    yields: bool  # it waits while a training of a person has this machine
    seconds_left: float | None  # as the trials so far took; None before the first has ended
    best: TrialRow | None  # by validation accuracy

    @property
    def ended(self) -> int:
        """Trials with a result."""
        return self.complete + self.pruned + self.failed


def start(plan: SweepPlan, url: str | None = None, workers: int | None = None) -> Sweep:
    """Create a sweep and start its workers (`workers`: so many instead of the plan's; 0 where others will join).

    `url` is the address of a database, for workers on many machines; without it, a journal file on this one.

    Raises RequestError where Optuna is missing, the database cannot be reached or a device is not there; nothing is
    left then.
    """
    from mnist_core.jobs.launcher import refuse_missing_device

    refuse_missing_device(plan.config)
    count = _checked_workers(plan.workers if workers is None else workers)
    made = sweeps.create(plan, url)
    with made.acquire():
        study = made.study()
        with storage.telling(made.place):
            _start_clock(study, None if plan.minutes is None else plan.minutes * 60)
            study.set_user_attr(WISH, "run")
            slots.fill(study, plan.slots or 0)
        _start_workers(made, count)
    return made


def resume(sweep: Sweep, workers: int | None = None) -> int:
    """Go on with a sweep that was paused, stopped or interrupted, up to `workers` (default: the plan's) at once.

    Returns how many workers were started. Raises RequestError where nothing is left to do, or as `start`.
    """
    with sweep.acquire():
        study = sweep.study()
        plan = sweep.plan(study)
        count = _checked_workers(plan.workers if workers is None else workers)
        with storage.telling(sweep.place):
            told = sweep.attributes(study)
            slots.fill(study, told.get(TRIALS) or 0)
            now = _status(sweep, study, rows_of(study))
            if now.state == "stopping":
                raise RequestError(f"{sweep.id} is stopping: its workers save first; try again in a moment.")
            if now.state == "finished":
                raise RequestError(
                    f"{sweep.id} has finished: add to it first, for example "
                    f"`{command()} tune add {sweep.id} --trials 10`."
                )
            if told.get(WISH) != "run" or now.state == "interrupted":
                _start_clock(study, _seconds_left(study))
            study.set_user_attr(WISH, "run")
        missing = max(count - len(loop.at_work(sweep)), 0)
        _start_workers(sweep, missing)
        return missing


def pause(sweep: Sweep) -> None:
    """Have all workers rest, where they are, until `resume`; they stay alive and use no processor."""
    _wish(sweep, "pause")


def stop(sweep: Sweep) -> None:
    """Have all workers end; the trials at work are saved, and go on from there after `resume`."""
    _wish(sweep, "stop")


def add(sweep: Sweep, trials: int | None = None, minutes: float | None = None) -> None:
    """Give a sweep more trials, or more minutes; one that has finished goes on with `resume`.

    Raises RequestError where that is more than there can be.
    """
    with sweep.acquire():
        study = sweep.study()
        plan = sweep.plan(study)
        with storage.telling(sweep.place):
            told = sweep.attributes(study)
            if trials is not None:
                if told.get(TRIALS) is None:
                    raise RequestError(f"{sweep.id} has no number of trials, but minutes: add minutes to it.")
                count = told[TRIALS] + trials
                _refuse_too_many(plan, told[TRIALS], trials)
                study.set_user_attr(TRIALS, count)
                slots.fill(study, count)
            if minutes is not None:
                if _seconds_left(study) is None:
                    raise RequestError(f"{sweep.id} has no limit of minutes: add trials to it.")
                if not 0 < minutes <= MAX_MINUTES:
                    raise RequestError(f"minutes must be more than 0 and at most {MAX_MINUTES:,}.")
                left = max(_seconds_left(study) or 0.0, 0.0) + 60 * minutes
                if told.get(WISH) == "run":
                    _start_clock(study, left)
                else:
                    study.set_user_attr(SECONDS_LEFT, left)


def _refuse_too_many(plan: SweepPlan, there: int, more: int) -> None:
    left = plan.most_slots - there
    if more < 1:
        raise RequestError(f"Add at least 1 trial; {more} was given.")
    if more > left:
        what = "The grid" if plan.sampler == "grid" else "A sweep"
        rest = f"{left:,} more can be added" if left > 0 else "all are there"
        raise RequestError(f"{what} has at most {plan.most_slots:,} trials: {rest}.")


def delete(sweep: Sweep) -> Trashed:
    """Move what this machine keeps of a sweep into the trash. Its runs stay, and so does the study in a database.

    Raises RequestError while workers of this machine are at it, FailedError where the disk refuses.
    """
    with sweep.acquire():
        if loop.at_work(sweep):
            raise RequestError(f"{sweep.id} is at work: stop it first (`{command()} tune stop {sweep.id}`).")
        return trash.throw_away(sweep.id, [sweep.path])


def status(sweep: Sweep) -> SweepStatus:
    """How the sweep stands. Raises RequestError where its storage cannot be reached."""
    return look(sweep)[0]


def look(sweep: Sweep) -> tuple[SweepStatus, list[TrialRow]]:
    """How the sweep stands, and its trials by number, of the same moment. Raises as `status`."""
    study = sweep.study()
    with storage.telling(sweep.place):
        rows = rows_of(study)
        return _status(sweep, study, rows), rows


def last_words(sweep: Sweep) -> str:
    """The last line that a worker on this machine has said: where all have ended too early, why. Often empty."""
    try:
        with (sweep.path / "workers.log").open("rb") as file:
            file.seek(max(file.seek(0, 2) - 4000, 0))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((harmless(line, 300) for line in reversed(lines) if line.strip()), "")


def wait(sweep: Sweep, seconds: float) -> SweepStatus:
    """The status once nobody works on the sweep any more, or after `seconds`."""
    deadline = time.monotonic() + seconds
    while (now := status(sweep)).workers + now.elsewhere and time.monotonic() < deadline:
        time.sleep(0.2)
    return now


def _status(sweep: Sweep, study: "Study", rows: list[TrialRow]) -> SweepStatus:
    told = sweep.attributes(study)
    here = loop.at_work(sweep)
    workers, elsewhere = len(here), slots.at_work_elsewhere(study, here)
    count = {
        state: sum(row.state == state for row in rows)
        for state in ("waiting", "running", "complete", "pruned", "failed")
    }
    total, wish = told.get(TRIALS), told.get(WISH, "run")
    open_trials = count["waiting"] + count["running"] + (0 if total is None else max(total - len(rows), 0))
    out_of_time = (left := _seconds_left(study)) is not None and left <= 0
    is_done = (
        out_of_time and not count["running"]
        if total is None
        else not open_trials or (out_of_time and not count["running"])
    )
    state: SweepState
    if is_done:
        state = "finished"
    elif wish == "stop":
        state = "stopping" if workers or elsewhere else "stopped"
    elif not workers and not elsewhere:
        state = "interrupted"
    else:
        state = "paused" if wish == "pause" else "running"
    return SweepStatus(
        state,
        total,
        **count,
        workers=workers,
        elsewhere=elsewhere,
        yields=state == "running" and workers > 0 and somebody_trains(),
        seconds_left=_forecast(rows, None if total is None else open_trials, workers + elsewhere, left),
        best=best_of(rows),
    )


def _forecast(rows: list[TrialRow], open_trials: int | None, workers: int, left: float | None) -> float | None:
    """How long the open trials will take, by the mean of those that ended; no longer than the time that is left."""
    if open_trials == 0:
        return 0.0
    took = [row.seconds for row in rows if row.seconds is not None and row.state in ("complete", "pruned")]
    if open_trials is None or not took:
        return left
    forecast = statistics.fmean(took[-20:]) * open_trials / max(workers, 1)
    return forecast if left is None else min(forecast, max(left, 0.0))


def _wish(sweep: Sweep, wish: sweeps.Wish) -> None:
    with sweep.acquire():
        study = sweep.study()
        with storage.telling(sweep.place):
            now = _status(sweep, study, rows_of(study))
            if now.state == "finished":
                raise RequestError(f"{sweep.id} has finished: there is nothing to {wish}.")
            if wish == "pause" and now.state in ("stopping", "stopped"):
                raise RequestError(f"{sweep.id} is {now.state}: it rests without a pause.")
            left = _seconds_left(study)
            study.set_user_attr(WISH, wish)
            if left is not None:
                study.set_user_attr(SECONDS_LEFT, left)
                study.set_user_attr(DEADLINE, None)


def _start_clock(study: "Study", seconds: float | None) -> None:
    study.set_user_attr(SECONDS_LEFT, None)
    study.set_user_attr(DEADLINE, None if seconds is None else time.time() + seconds)


def _seconds_left(study: "Study") -> float | None:
    """Of the minutes; None where there are none. The time after the last worker died counts."""
    told = study.user_attrs
    if told.get(DEADLINE) is not None:
        return float(told[DEADLINE]) - time.time()
    left = told.get(SECONDS_LEFT)
    return None if left is None else float(left)


def _start_workers(sweep: Sweep, count: int) -> None:
    for _ in range(count):
        process = start_command(["tune", "worker", sweep.id], sweep.path / "workers.log")
        loop.note(sweep, process.pid)


def _checked_workers(count: int) -> int:
    if not 0 <= count <= MAX_WORKERS:
        raise RequestError(f"workers must be a whole number from 0 to {MAX_WORKERS}; {count} was given.")
    return count
