"""Real workers on one machine: exactly as many trials as asked for, whatever is killed and whoever comes late."""

import signal
from pathlib import Path

from mnist_core.runs import store
from mnist_core.sweeps import manager, results
from tests.conftest import wait_until
from tests.support.sweep_workers import a_plan, accounts, finished_runs_of, start_worker, trial_in_training

TRIALS = 5


def test_workers_train_exactly_n_trials_though_one_is_killed_one_stopped_and_one_comes_late(home: Path) -> None:
    sweep = manager.start(a_plan(TRIALS, epochs=3), workers=0)
    killed, stopped = (start_worker(home, sweep.path / f"{name}.log", sweep.id) for name in ("killed", "stopped"))
    wait_until(lambda: trial_in_training(results.trials(sweep), killed.pid, home), "it trains", 240, every=0.2)
    found = trial_in_training(results.trials(sweep), killed.pid, home)
    killed.kill()
    killed.wait()
    wait_until(
        lambda: trial_in_training(results.trials(sweep), stopped.pid, home), "the other one trains", 240, every=0.2
    )
    stopped.send_signal(signal.SIGTERM)
    assert stopped.wait(120) == 130
    assert manager.status(sweep).state == "interrupted"
    assert manager.resume(sweep, workers=1) == 1
    assert manager.wait(sweep, 240).workers == 0
    attempts = accounts(sweep, TRIALS)
    runs = finished_runs_of(sweep)
    assert {trial: len(ids) for trial, ids in runs.items()} == dict.fromkeys(range(TRIALS), 1)
    assert len(store.every()) == TRIALS
    assert "waits, with what it has trained" in (sweep.path / "stopped.log").read_text()
    # Killed in its last moment, the trial may have been finished, and then another one begun or not.
    assert sum(attempts.values()) <= TRIALS + 1, "what was stopped in order is the same attempt"
    if found is not None and attempts[found[0].number] == 2:
        number, run = found
        assert runs[number.number] == [run.id], "the killed trial's run went on"
        said = "".join(path.read_text() for path in sweep.path.glob("*.log"))
        assert f"Trial {number.number} goes on with {run.id}" in said
