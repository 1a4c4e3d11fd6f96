"""Sweeps of trainings that take a second or two, and workers that are killed, join late, or live on other machines."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.sweeps import manager, plan, storage
from mnist_core.sweeps.results import TrialRow
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import slots
from mnist_core.system.files import REPOSITORY
from mnist_core.system.processes import children

QUICK: dict[str, Any] = {"model": "mlp", "epochs": 1, "digits_per_class": 20, "batch_size": 32, "validation_size": 200}


def a_plan(trials: int, epochs: int = 1, **more: Any) -> plan.SweepPlan:
    """A plan of quick trainings over learning rate and momentum."""
    values = {
        "config": {**QUICK, "epochs": epochs},
        "space": {"learning_rate": _range("learning_rate"), "momentum": _range("momentum")},
    }
    return plan.parse({**values, "trials": trials, "sampler": "random", "grace_seconds": 5, **more})


def _range(name: str) -> Any:
    from mnist_core.sweeps.space import usual_range

    return usual_range(name)


def start_worker(home: Path, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """`tune worker ARGUMENTS` with a home of its own; it ends with the test."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "mnist_core", "tune", "worker", *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "MNIST_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    children.append(process)
    return process


def another_home(folder: Path, data: Path) -> Path:
    """A home that shares nothing with others but the digits, which are never written to."""
    folder.mkdir()
    (folder / "data").symlink_to(data)
    return folder


def trial_in_training(rows: list[TrialRow], pid: int, home: Path) -> tuple[TrialRow, Run] | None:
    """The trial whose run the process `pid` trains just now, and the run; None where there is none."""
    for row in rows:
        for run_id in row.runs:
            run = Run(home / "runs" / run_id)
            status = run.status() if run.path.is_dir() else None
            if row.state != "running" or status is None or (status.state, status.pid) != ("running", pid):
                continue
            if status.step > 0 and status.epoch < 2:  # begun, and far from its end
                return row, run
    return None


def forget_storages() -> None:
    """Close the storages that this process has opened: the next look at one is as another process's."""
    for opened in storage._opened.values():
        if engine := getattr(getattr(opened, "_backend", None), "engine", None):  # a database's
            opened.remove_session()
            engine.dispose()
    storage._opened.clear()


def kill(pid: int) -> None:
    """As the system does that runs out of memory."""
    os.kill(pid, signal.SIGKILL)


def accounts(sweep: Sweep, count: int) -> dict[int, int]:
    """Checks that every trial was finished exactly once, and none is too many; returns the attempts of each."""
    from optuna.trial import TrialState

    by_slot = slots.by_slot(sweep.study())
    assert list(by_slot) == list(range(count))
    for slot, attempts in by_slot.items():
        ended = [trial for trial in attempts if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)]
        assert len(ended) == 1, f"trial {slot} has {len(ended)} results"
        assert all(trial.state.is_finished() for trial in attempts)
    now = manager.status(sweep)
    assert (now.state, now.ended, now.complete + now.pruned) == ("finished", count, count)
    return {slot: sum(not slots.is_given_up(trial) for trial in attempts) for slot, attempts in by_slot.items()}


def finished_runs_of(sweep: Sweep) -> dict[int, list[str]]:
    """The finished runs in this store that belong to each trial."""
    found: dict[int, list[str]] = {}
    for run in store.every():
        record = run.record()
        if record.sweep == sweep.id and record.trial is not None and run.status().state == "finished":
            found.setdefault(record.trial, []).append(run.id)
    return found
