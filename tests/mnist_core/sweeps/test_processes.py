"""Real workers on one machine: exactly as many trials as asked for, whatever is killed and whoever comes late."""

import signal
from pathlib import Path

from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.sweeps import manager, results
from mnist_core.sweeps.workers import loop
from tests.conftest import wait_until
from tests.support.sweep_workers import a_plan, accounts, finished_runs_of, kill, start_worker, trial_in_training

TRIALS = 6


def test_workers_train_exactly_n_trials_though_one_is_killed_one_stopped_and_one_comes_late(home: Path) -> None:
    sweep = manager.start(a_plan(TRIALS, epochs=4, workers=2))
    terminated = start_worker(home, sweep.path / "terminated.log", sweep.id)
    found: list[tuple[int, int, Run]] = []

    def in_training() -> bool:
        for pid in loop.at_work(sweep):
            here = trial_in_training(results.trials(sweep), pid, home) if pid != terminated.pid else None
            if here is not None:
                found.append((pid, here[0].number, here[1]))
                return True
        return False

    wait_until(in_training, "a worker trains")
    (pid, number, run) = found[0]
    kill(pid)
    late = start_worker(home, sweep.path / "late.log", sweep.id)
    wait_until(lambda: trial_in_training(results.trials(sweep), terminated.pid, home), "the other one trains")
    terminated.send_signal(signal.SIGTERM)
    assert terminated.wait(30) == 130
    assert manager.wait(sweep, 90).workers == 0
    assert late.wait(30) == 0
    attempts = accounts(sweep, TRIALS)
    assert attempts[number] == 2
    assert sum(attempts.values()) == TRIALS + 1, "what was stopped in order is the same attempt"
    runs = finished_runs_of(sweep)
    assert {trial: len(ids) for trial, ids in runs.items()} == dict.fromkeys(range(TRIALS), 1)
    assert runs[number] == [run.id], "the killed trial's run went on"
    assert len(store.every()) == TRIALS
    said = (sweep.path / "workers.log").read_text() + (sweep.path / "late.log").read_text()
    assert f"Trial {number} goes on with {run.id}" in said
    assert "waits, with what it has trained" in (sweep.path / "terminated.log").read_text()
