"""What a sweep has found, as plain data: for tables and charts."""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mnist_core.evaluation.statistics import Interval, wilson
from mnist_core.sweeps import storage
from mnist_core.sweeps.space import Value
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import slots

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

TrialState = Literal["waiting", "running", "complete", "pruned", "failed"]


class TrialRow(NamedTuple):
    """One trial."""

    number: int  # from 0
    state: TrialState
    values: dict[str, Value]  # of the searched settings; empty while it waits
    accuracy: float | None  # validation accuracy, 0 to 1: the mean over the seeds; of a pruned trial, its last epoch's
    epochs: dict[int, float]  # validation accuracy after each epoch, of the first seed
    accuracies: list[float]  # of each seed that has finished
    runs: list[str]  # the ids of its runs; those of other machines may not be here (yet)
    seconds: float | None  # from start to end
    started: float | None  # seconds since 1970
    ended: float | None
    attempts: int  # more than one where a worker died
    host: str | None  # the machine of its worker, while it trains
    sentence: str  # why it failed or was pruned; else empty


def trials(sweep: Sweep) -> list[TrialRow]:
    """Every trial, by number. Raises RequestError where the storage cannot be reached."""
    study = sweep.study()
    with storage.telling(sweep.place):
        return rows_of(study)


def best(sweep: Sweep) -> TrialRow | None:
    """The complete trial with the highest validation accuracy, the earliest of equals; None before there is one."""
    return best_of(trials(sweep))


def best_of(rows: list[TrialRow]) -> TrialRow | None:
    """As `best`, of these."""
    done = [row for row in rows if row.state == "complete" and row.accuracy is not None]
    return max(done, key=lambda row: (row.accuracy or 0.0, -row.number), default=None)


def best_so_far(rows: list[TrialRow]) -> list[tuple[int, float]]:
    """For each complete trial in the order in which they ended: how many had, and the best accuracy until then."""
    done = sorted((row for row in rows if row.state == "complete"), key=lambda row: row.ended or 0.0)
    found: list[tuple[int, float]] = []
    for count, row in enumerate(done, 1):
        found.append((count, max(row.accuracy or 0.0, found[-1][1] if found else 0.0)))
    return found


def importances(sweep: Sweep) -> dict[str, float]:
    """How much of the accuracy's variation each searched setting accounts for, the largest first; sums to 1.

    By functional ANOVA over a random forest (F. Hutter, H. Hoos, K. Leyton-Brown, 2014), as Optuna computes it; seconds
    for many trials. Empty before four trials are complete, or while they are all equal.
    """
    study = sweep.study()
    import optuna

    with storage.telling(sweep.place):
        done = [row for row in rows_of(study) if row.state == "complete"]
        if len(done) < 4 or len({row.accuracy for row in done}) < 2:
            return {}
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=1)
        return {
            name: float(share)
            for name, share in optuna.importance.get_param_importances(study, evaluator=evaluator).items()
        }


def accuracy_interval(row: TrialRow, validation_size: int) -> Interval | None:
    """The 95 % interval of a trial's accuracy by its validation digits alone: luck with the seed is not in it.

    The digits are the same for each seed, so that more seeds do not make more digits.
    """
    if row.accuracy is None:
        return None
    return wilson(round(row.accuracy * validation_size), validation_size)


def rows_of(study: "Study") -> list[TrialRow]:
    """As `trials`, of an open study."""
    return [_row(number, attempts) for number, attempts in slots.by_slot(study).items()]


def _row(number: int, attempts: "list[FrozenTrial]") -> TrialRow:
    trial = slots.current(attempts)
    state = _state(trial)
    told: dict[str, Any] = trial.user_attrs
    worker = told.get(slots.WORKER) or {}
    duration = trial.duration
    return TrialRow(
        number,
        state,
        dict(trial.params),
        trial.value if state in ("complete", "pruned") else None,
        dict(sorted(trial.intermediate_values.items())),
        list(told.get(slots.VALUES, {}).values()),
        list(told.get(slots.RUNS, {}).values()),
        None if duration is None else duration.total_seconds(),
        None if trial.datetime_start is None or state == "waiting" else trial.datetime_start.timestamp(),
        None if trial.datetime_complete is None else trial.datetime_complete.timestamp(),
        sum(not slots.is_given_up(each) for each in attempts),
        worker.get("host") if state == "running" else None,
        str(told.get(slots.ERROR) or (told.get(slots.NOTE) if state == "pruned" else "") or ""),
    )


def _state(trial: "FrozenTrial") -> TrialState:
    from optuna.trial import TrialState as State

    names: dict[Any, TrialState] = {
        State.WAITING: "waiting",
        State.RUNNING: "running",
        State.COMPLETE: "complete",
        State.PRUNED: "pruned",
    }
    if trial.state == State.FAIL and slots.ERROR not in trial.user_attrs:
        lost = trial.user_attrs.get(slots.ATTEMPT, 1) < slots.MAX_ATTEMPTS
        return "waiting" if lost else "failed"  # its worker died: it is enqueued again as soon as one looks
    return names.get(trial.state, "failed")
