"""Start, resume and stop training processes. Each is the command line a person could type, in its own session."""

import contextlib
import os
import subprocess
import sys
import time

from mnist_core import runs
from mnist_core.config import TrainConfig
from mnist_core.errors import FailedError, RequestError
from mnist_core.files import REPOSITORY, cannot_write
from mnist_core.runs import ACTIVE, Run

_children: list[subprocess.Popen[bytes]] = []  # kept, so that those that have ended are reaped and leave no zombies

DOUBLE_CLICK_SECONDS = 1.0


def start(config: TrainConfig, name: str = "") -> Run:
    """Create a run and train it in a process of its own; it waits where another trains.

    Raises FailedError where the run cannot be written or no process be started.
    """
    run = runs.create(config, name)
    _launch(run)
    return run


def start_once(config: TrainConfig) -> Run:
    """`start`, for a button: the second press of a double click gets the run that the first one started."""
    newest = next(iter(runs.every()), None)
    with contextlib.suppress(FailedError):  # a damaged record is nobody's first click
        record = newest.record() if newest else None
        if newest and record and record.config == config and time.time() - record.created < DOUBLE_CLICK_SECONDS:
            return newest
    return start(config)


def resume(run: Run, epochs: int | None = None) -> None:
    """Go on with a run in a process of its own, up to `epochs` epochs in all (default: as many as it was to have).

    Raises RequestError when it is being trained, or has nothing left to do.
    """
    status = run.status()
    if run.is_held() or status.state in ACTIVE:
        raise RequestError(f"{run.id} is already being trained: watch it, or stop it first.")
    config = run.record().config
    if epochs is not None:
        config.replace(epochs=epochs)  # refuses what is out of bounds, before a process is started
    if status.epoch >= (epochs or config.epochs):
        raise RequestError(f"{run.id} has finished its {status.epoch} epochs: ask for more.")
    now = time.time()
    queued = {"state": "queued", "heartbeat": now, "queued_at": now, "pid": None, "error": None}
    runs.write_status(run, status.model_copy(update=queued))
    _launch(run, *([] if epochs is None else ["--epochs", str(epochs)]))


def stop(run: Run) -> None:
    """Ask a run to stop; it saves its checkpoint and ends within a step, and can be resumed.

    Raises RequestError when it is not being trained.
    """
    status = run.status()
    if status.state not in ACTIVE and not run.is_held():
        raise RequestError(f"{run.id} is not being trained: it is {status.state}.")
    run.request(stop=True)


def wait(run: Run, seconds: float) -> runs.Status:
    """The run's status once no trainer works on it any more, or after `seconds`, whichever comes first."""
    deadline = time.monotonic() + seconds
    while ((status := run.status()).state in ACTIVE or run.is_held()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return status


def _launch(run: Run, *options: str) -> None:
    command = [sys.executable, "-m", "mnist_core", "resume", run.id, *options]
    _children[:] = [child for child in _children if child.poll() is None]
    try:
        with run.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=REPOSITORY,  # where the package is found
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,  # outlives the dashboard, the tab and the terminal
            )
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise FailedError(f"No training process could be started with {sys.executable}.") from error
        raise cannot_write(run.log, error) from error
    _children.append(child)
