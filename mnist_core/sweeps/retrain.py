"""Train the winner on everything: with its settings, all 60,000 digits, and three seeds that no trial has used.

The best of many trials is partly luck: with the seed, and with the validation digits it was chosen by. What the fresh
seeds reach on the test digits, which chose nothing, shows how much of it was.
"""

from typing import NamedTuple

from mnist_core.config.train_config import TEST_SIZE, TrainConfig
from mnist_core.errors import MnistError, RequestError
from mnist_core.evaluation.statistics import Interval, between, share, wilson
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.records import State
from mnist_core.runs.run import Run
from mnist_core.sweeps import results
from mnist_core.sweeps.results import TrialRow
from mnist_core.sweeps.sweep import Sweep, Winner

SEEDS = 3
FRESH = 1000  # so much above the trials' seeds are those of the winner's


class FreshRun(NamedTuple):
    """The winner trained again with one seed."""

    run: Run
    seed: int
    state: State
    test_accuracy: float | None  # once it has finished
    interval: Interval | None  # by its 10,000 test digits


class Outcome(NamedTuple):
    """The winner beside what its settings reached again."""

    trial: TrialRow
    validation_size: int
    validation_interval: Interval | None
    runs: list[FreshRun]
    mean: float | None  # of the fresh runs' test accuracies, once all have finished
    mean_interval: tuple[float, float] | None  # 95 %, by their spread (Student's t), within 0 to 1
    digits_per_class: int  # that its settings allow the fresh runs; 0: all

    @property
    def sentence(self) -> str:
        """What came of it, for a person."""
        chosen = f"chosen with {share(self.trial.accuracy or 0.0, 2)} of {self.validation_size:,} validation digits"
        if self.mean is None or self.mean_interval is None:
            done = sum(run.test_accuracy is not None for run in self.runs)
            return f"Trial {self.trial.number}, {chosen}: {done} of {len(self.runs)} fresh seeds have finished."
        on = f"{self.digits_per_class:,} digits of each class" if self.digits_per_class else "everything"
        return (
            f"Trial {self.trial.number}, {chosen}; trained on {on} with {len(self.runs)} fresh seeds it reaches "
            f"{share(self.mean, 2)} of the test digits (95 % interval {between(self.mean_interval, 2)})."
        )


def config_of(sweep: Sweep, trial: TrialRow, number: int) -> TrainConfig:
    """The settings of fresh seed `number`, from 0: the trial's, on everything, with the threads of any training."""
    plan = sweep.plan()
    seed = plan.config.seed + FRESH + number
    without = {"validation_size": 0, "patience": 0, "answer_with": "last"}  # no digits are left to judge epochs by
    return plan.config.replace(**trial.values, **without, seed=seed % 2**31)


def start(sweep: Sweep, seeds: int = SEEDS) -> list[Run]:
    """Train the winner with fresh seeds, each in a process of its own, one after the other; returns their runs.

    Raises RequestError where no trial is complete, or where that was begun already.
    """
    trial = results.best(sweep)
    if trial is None:
        raise RequestError(f"{sweep.id} has no complete trial yet: wait for one.")
    if any(winner.trial == trial.number for winner in sweep.file().winners):
        raise RequestError(f"Trial {trial.number} of {sweep.id} was trained again already: see its runs.")
    configs = [config_of(sweep, trial, number) for number in range(seeds)]
    name = sweep.file().name[:30] or "Sweep"
    with sweep.acquire():
        runs = [
            store.create(config, f"{name}: winner, seed {config.seed}", sweep=sweep.id, trial=trial.number)
            for config in configs
        ]
        winner = Winner(trial=trial.number, runs=[run.id for run in runs])
        sweep.change_file(winners=[*sweep.file().winners, winner])
    for run in runs:
        launcher.launch(run)
    return runs


def outcome(sweep: Sweep) -> Outcome | None:
    """What the winner that was trained again last has reached; None where none was."""
    winners = sweep.file().winners
    if not winners:
        return None
    last = winners[-1]
    trial = next((row for row in results.trials(sweep) if row.number == last.trial), None)
    if trial is None:
        return None
    size = sweep.plan().config.validation_size
    runs = [
        _fresh(Run(store.runs_folder() / run_id)) for run_id in last.runs if (store.runs_folder() / run_id).is_dir()
    ]
    reached = [run.test_accuracy for run in runs if run.test_accuracy is not None]
    mean = ends = None
    if len(reached) == len(last.runs) and len(reached) > 1:
        mean, ends = _mean(reached)
    per_class = config_of(sweep, trial, 0).digits_per_class
    return Outcome(trial, size, results.accuracy_interval(trial, size), runs, mean, ends, per_class)


def _fresh(run: Run) -> FreshRun:
    status = run.status()
    accuracy = status.test_accuracy if status.state == "finished" else None
    try:
        seed = run.record().config.seed
    except MnistError:
        seed = 0
    interval = None if accuracy is None else wilson(round(accuracy * TEST_SIZE), TEST_SIZE)
    return FreshRun(run, seed, status.state, accuracy, interval)


def _mean(values: list[float]) -> tuple[float, tuple[float, float]]:
    """The mean and its 95 % interval by Student's t, from SciPy."""
    import numpy as np
    from scipy import stats

    mean, error = float(np.mean(values)), float(stats.sem(values))
    if error == 0:
        return mean, (mean, mean)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=mean, scale=error)
    return mean, (max(float(low), 0.0), min(float(high), 1.0))
