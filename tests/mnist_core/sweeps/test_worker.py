"""A worker in this process: each trial is a run, ends once, and is gone on with where it was left."""

import shutil
import signal
from collections.abc import Callable
from typing import Any

import pytest
from filelock import FileLock
from optuna.trial import TrialState

from mnist_core.errors import DiskError
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.sweeps import manager, results
from mnist_core.sweeps.space import Range
from mnist_core.sweeps.sweep import WISH, Sweep
from mnist_core.sweeps.workers import loop, slots
from mnist_core.sweeps.workers.trial import TrialRunner
from mnist_core.sweeps.workers.watch import Watch
from mnist_core.system.processes import identity
from tests.support.sweep_workers import QUICK, accounts, finished_runs_of
from tests.support.tiny_runs import outcome, train

Make = Callable[..., Sweep]


def when(monkeypatch: pytest.MonkeyPatch, epoch: int, act: Callable[[Watch], object]) -> None:
    """Have something done once while a trial trains, right after this epoch."""
    todo, report = [act], Watch.on_progress

    def reported(self: Watch, status: Any, total: int) -> None:
        report(self, status, total)
        if status.epoch == epoch and todo:
            todo.pop()(self)

    monkeypatch.setattr(Watch, "on_progress", reported)


def runs_of(sweep: Sweep) -> list[Run]:
    """In the order in which they were made; ids of the same second are in any."""
    return sorted(
        (run for run in store.every() if run.record().sweep == sweep.id), key=lambda run: run.record().created
    )


def test_each_trial_is_a_run_marked_with_its_sweep_and_judged_by_its_validation_digits(make: Make) -> None:
    sweep = make(trials=3, epochs=2)
    assert loop.work(sweep)
    assert accounts(sweep, 3) == {0: 1, 1: 1, 2: 1}
    rows = results.trials(sweep)
    for row in rows:
        run = store.find(row.runs[0])
        record, status = run.record(), run.status()
        assert (record.sweep, record.trial, status.state) == (sweep.id, row.number, "finished")
        assert record.config.learning_rate == row.values["learning_rate"]
        assert row.accuracy == status.validation_accuracy == row.epochs[2]
        assert list(row.epochs) == [1, 2]
    best = results.best(sweep)
    assert best is not None
    assert best.accuracy == max(row.accuracy or 0 for row in rows)
    assert manager.status(sweep).state == "finished"


def test_a_trials_result_is_the_mean_over_its_seeds(make: Make) -> None:
    sweep = make(trials=1, seeds=2)
    loop.work(sweep)
    (row,) = results.trials(sweep)
    reached = [store.find(run).status().validation_accuracy or 0 for run in row.runs]
    assert [store.find(run).record().config.seed for run in row.runs] == [1, 2]
    assert row.accuracies == reached
    assert row.accuracy == pytest.approx(sum(reached) / 2)


def test_a_pruned_trial_is_a_stopped_run_that_says_so(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(trials=1, epochs=3, pruner="median")
    monkeypatch.setattr("optuna.pruners.MedianPruner.prune", lambda self, study, trial: trial.last_step == 1)
    monkeypatch.setattr(Watch, "on_progress", _reporting_at_once(Watch.on_progress))
    loop.work(sweep)
    (row,) = results.trials(sweep)
    run = store.find(row.runs[0])
    assert (row.state, list(row.epochs), run.status().state) == ("pruned", [1], "stopped")
    assert row.accuracy == row.epochs[1]
    assert (
        run.note() == row.sentence == "Pruned after epoch 1: its validation accuracy was behind that of other trials."
    )
    assert manager.status(sweep)[:7] == ("finished", 1, 0, 0, 0, 1, 0)


def _reporting_at_once(on_progress: Callable[..., None]) -> Callable[..., None]:
    """The watching thread looks every half second; here after each epoch."""

    def reported(self: Watch, status: Any, total: int) -> None:
        on_progress(self, status, total)
        if status.epoch:
            self._look()

    return reported


def test_a_diverged_training_is_a_failed_trial_with_its_sentence(make: Make) -> None:
    config = {"batch_size": 2, "log_interval": 1}
    sweep = make(trials=2, space={"learning_rate": Range(low=9, high=10)}, config=QUICK | config)
    loop.work(sweep)
    rows = results.trials(sweep)
    assert [row.state for row in rows] == ["failed", "failed"]
    assert all(row.sentence.startswith("The training diverged") for row in rows)
    assert manager.status(sweep).state == "finished"


def test_ctrl_c_leaves_the_trial_waiting_and_it_goes_on_exactly(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(trials=2, epochs=3)
    when(monkeypatch, 1, lambda watch: signal.raise_signal(signal.SIGTERM))
    assert not loop.work(sweep)
    first = results.trials(sweep)[0]
    assert (first.state, manager.status(sweep).state) == ("waiting", "interrupted")
    (run,) = runs_of(sweep)
    assert run.status().state == "interrupted"
    assert loop.work(sweep)
    assert accounts(sweep, 2) == {0: 1, 1: 1}
    assert finished_runs_of(sweep)[0] == [run.id], "the same run went on"
    never_stopped = store.create(run.record().config)
    train(never_stopped)
    assert outcome(run) == outcome(never_stopped)


def test_a_stopped_sweep_keeps_its_trial_and_goes_on(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(trials=2, epochs=3)

    def stop(watch: Watch) -> None:
        manager.stop(sweep)
        watch._look()

    when(monkeypatch, 1, stop)
    assert loop.work(sweep)
    now = manager.status(sweep)
    assert (now.state, now.waiting, now.ended) == ("stopped", 2, 0)
    manager.resume(sweep, workers=0)
    assert loop.work(sweep)
    assert accounts(sweep, 2) == {0: 1, 1: 1}
    assert len(runs_of(sweep)) == 2


def test_a_sweep_that_is_paused_pauses_its_training(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(trials=1, epochs=3)
    seen: list[str] = []

    def pause(watch: Watch) -> None:
        manager.pause(sweep)
        watch._look()

    def look(watch: Watch) -> None:
        state = watch._status.state
        if state == "paused" and not seen:
            seen.append(state)
            watch.trial.study.set_user_attr(WISH, "run")

    when(monkeypatch, 1, pause)
    monkeypatch.setattr(Watch, "_pause", _also(Watch._pause, look))
    assert loop.work(sweep)
    (run,) = runs_of(sweep)
    assert seen == ["paused"]
    assert [event["event"] for event in run.events()] == ["paused", "unpaused"]
    assert accounts(sweep, 1) == {0: 1}


def _also(method: Callable[..., None], act: Callable[[Watch], None]) -> Callable[..., None]:
    def both(self: Watch, wanted: bool) -> None:
        method(self, wanted)
        act(self)

    return both


def test_a_training_of_a_person_goes_first(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(trials=1, epochs=3)
    slot = FileLock(store.runs_folder() / ".training.lock", thread_local=False)

    def train_something(watch: Watch) -> None:
        slot.acquire()
        watch._look()

    def look(watch: Watch) -> None:
        if watch._status.state == "paused":
            slot.release()

    when(monkeypatch, 1, train_something)
    monkeypatch.setattr(Watch, "_pause", _also(Watch._pause, look))
    store.runs_folder().mkdir(exist_ok=True)
    assert loop.work(sweep)
    assert [event["event"] for event in runs_of(sweep)[0].events()] == ["paused", "unpaused"]


def test_a_run_that_a_person_stops_is_a_failed_trial(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(trials=1, epochs=3)
    when(monkeypatch, 1, lambda watch: launcher.stop(watch.run))
    loop.work(sweep)
    (row,) = results.trials(sweep)
    assert (row.state, row.sentence) == ("failed", f"Its training was stopped by hand ({row.runs[0]}).")


def test_a_full_disk_fails_no_trial(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(trials=1)
    with monkeypatch.context() as patch:
        patch.setattr(TrialRunner, "_train_seeds", lambda *_: (_ for _ in ()).throw(DiskError("The disk is full.")))
        with pytest.raises(DiskError):
            loop.work(sweep)
    assert results.trials(sweep)[0].state == "waiting"
    assert loop.work(sweep)
    assert accounts(sweep, 1) == {0: 1}


def test_a_trial_that_was_taken_away_is_not_told_twice(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(trials=1, epochs=3)

    def take(watch: Watch) -> None:
        watch.trial.storage.set_trial_state_values(watch.trial._trial_id, TrialState.FAIL)
        watch._look()

    when(monkeypatch, 1, take)
    assert loop.work(sweep)
    assert accounts(sweep, 1) == {0: 2}
    assert len(runs_of(sweep)) == 1, "the retry goes on with the run that is here"


def test_the_run_of_a_worker_that_died_after_its_last_epoch_is_not_trained_again(make: Make) -> None:
    sweep = make(trials=1)
    study = sweep.study()
    trial_id = slots.claim(study)
    assert trial_id is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrialRunner, "_tell", lambda self, trial, ended, values: ended)  # killed before it tells
        TrialRunner(sweep, study, sweep.plan()).train(trial_id)
    study._storage.set_trial_user_attr(trial_id, slots.WORKER, {**identity(), "pid": 1, "process_started": -100.0})
    (run,) = runs_of(sweep)
    before = run.status().heartbeat
    assert loop.work(sweep)
    assert accounts(sweep, 1) == {0: 2}
    assert runs_of(sweep) == [run]
    assert run.status().heartbeat == before


def test_a_seed_that_an_earlier_worker_has_trained_is_not_trained_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = make(trials=1, seeds=2, epochs=2)
    todo, report = ["stop"], Watch.on_progress

    def reported(watch: Watch, status: Any, total: int) -> None:
        report(watch, status, total)
        if watch.run.record().config.seed == 2 and status.epoch == 1 and todo:
            signal.raise_signal(signal.SIGTERM)
            todo.clear()

    monkeypatch.setattr(Watch, "on_progress", reported)
    assert not loop.work(sweep)
    first, second = runs_of(sweep)
    shutil.rmtree(first.path)  # as on another machine
    assert loop.work(sweep)
    assert runs_of(sweep) == [second]
    (row,) = results.trials(sweep)
    assert (row.runs, len(row.accuracies)) == ([first.id, second.id], 2)


def test_a_fault_of_the_program_is_a_failed_trial_not_the_end_of_all_workers(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = make(trials=2)
    faults = iter([ZeroDivisionError()])

    def train(self: TrialRunner, *arguments: Any) -> Any:
        for fault in faults:
            raise fault
        return train_seeds(self, *arguments)

    train_seeds = TrialRunner._train_seeds
    monkeypatch.setattr(TrialRunner, "_train_seeds", train)
    assert loop.work(sweep)
    first, second = results.trials(sweep)
    assert (first.state, first.sentence) == ("failed", "Unexpected ZeroDivisionError: see the workers' output.")
    assert second.state == "complete"
