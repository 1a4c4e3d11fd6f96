"""Sweeps of trainings that end early, and of those whose best epoch answers."""

from collections.abc import Callable
from typing import Any

import pytest

from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.sweeps import results
from mnist_core.sweeps.space import Range
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import loop, slots
from mnist_core.sweeps.workers.trial import TrialRunner
from mnist_core.system.processes import identity
from tests.support.sweep_workers import QUICK

Make = Callable[..., Sweep]
LONG: dict[str, Any] = {**QUICK, "epochs": 12, "digits_per_class": 5, "learning_rate": 0.3}
RESTLESS = {"momentum": Range(low=0.7, high=0.8)}  # the accuracy goes up and down


def run_of(sweep: Sweep) -> Run:
    return store.find(results.trials(sweep)[0].runs[0])


def curve(run: Run) -> dict[int, float]:
    rows = run.metrics()[0]
    return {row["epoch"]: row["validation_accuracy"] for row in rows if row["epoch"] and "validation_accuracy" in row}


def test_a_trial_counts_with_the_epoch_that_answers(make: Make) -> None:
    reached = {}
    for answer in ("last", "best"):
        sweep = make(trials=1, space=RESTLESS, config={**LONG, "answer_with": answer})
        assert loop.work(sweep)
        reached[answer] = results.trials(sweep)[0].accuracy
        accuracies = curve(run_of(sweep))
        assert reached[answer] == (max(accuracies.values()) if answer == "best" else accuracies[12])
    assert reached["best"] != reached["last"]  # else this shows nothing


def test_a_run_that_had_ended_early_when_its_worker_died_is_not_trained_further(make: Make) -> None:
    sweep = make(trials=1, space=RESTLESS, config={**LONG, "patience": 1})
    study = sweep.study()
    trial_id = slots.claim(study)
    assert trial_id is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrialRunner, "_tell", lambda self, trial, ended, values: ended)  # killed before it tells
        TrialRunner(sweep, study, sweep.plan()).train(trial_id)
    study._storage.set_trial_user_attr(trial_id, slots.WORKER, {**identity(), "pid": 1, "process_started": -100.0})
    study._storage.set_trial_user_attr(trial_id, slots.VALUES, {})  # nor that this seed is done
    before = curve(run_of(sweep))
    assert max(before) < 12  # else this shows nothing
    assert loop.work(sweep)
    assert curve(run_of(sweep)) == before
