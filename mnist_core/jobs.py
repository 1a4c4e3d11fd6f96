"""Training processes: start, resume, stop, queue. Each is the command line a person could type, in its own session."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import psutil

from mnist_core import controls, runs
from mnist_core.config import TrainConfig
from mnist_core.errors import FailedError, RequestError
from mnist_core.files import REPOSITORY, cannot_write, home
from mnist_core.runs import ACTIVE, Run

Process = subprocess.Popen[bytes]
_children: list[Process] = []  # kept, so that those that have ended are reaped and leave no zombies
_standby: Process | None = None
_standby_lock = threading.Lock()  # two sessions of the dashboard are two threads

DOUBLE_CLICK_SECONDS = 1.0
NICENESS = 5  # of what the dashboard starts: the page that a person looks at goes before


def start(config: TrainConfig, name: str = "") -> Run:
    """Create a run and train it in a process of its own; it waits where another trains.

    Raises FailedError where the run cannot be written or no process be started.
    """
    run = runs.create(config, name)
    launch(run)
    return run


def launch(run: Run) -> None:
    """Train a run that is queued in a process of its own. Raises FailedError where none can be started."""
    _launch(run)


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
    runs.refuse_shipped(run)
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


def stop(run: Run) -> int:
    """Ask a run to stop; it saves its checkpoint and ends within a step, and can be resumed. Returns the wish's number.

    One that waits for its turn leaves the queue.

    Raises RequestError when it is not being trained.
    """
    runs.refuse_shipped(run)
    status = run.status()
    if status.state not in ACTIVE and not run.is_held():
        raise RequestError(f"{run.id} is not being trained: it is {status.state}.")
    return controls.ask(run, "stop")


def queue() -> list[Run]:
    """The runs that wait, in the order in which they will train."""
    waiting = [(status.queued_at, run.id, run) for run in runs.every() if (status := run.status()).state == "queued"]
    return [run for *_, run in sorted(waiting)]


def wait(run: Run, seconds: float) -> runs.Status:
    """The run's status once no trainer works on it any more, or after `seconds`, whichever comes first."""
    deadline = time.monotonic() + seconds
    while ((status := run.status()).state in ACTIVE or run.is_held()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return status


def stand_by() -> None:
    """Have a process ready (torch imported, digits read) for the next start, unless one is; returns at once.

    It costs some 400 MB while it waits, and goes away with this process or after a quarter of an hour. That none could
    be had is no error: the next start then takes the seconds that importing torch takes.
    """
    global _standby
    with _standby_lock:
        if _standby is not None and _standby.poll() is None:
            return
        if _standby is not None and _standby.stdin is not None:
            _standby.stdin.close()  # it has left
        _standby = None
        with contextlib.suppress(OSError):
            _standby = _spawn("mnist_core.standby", stdin=subprocess.PIPE)


def _launch(run: Run, *options: str) -> None:
    command = ["resume", run.id, *options]
    if _hand_over(command, run):
        return
    start_command(command, run.log)


def start_command(command: list[str], output: Path) -> Process:
    """Run `python -m mnist_core COMMAND` in a process of its own, what it prints appended to the file `output`.

    Raises FailedError where the file cannot be written or no process be started.
    """
    try:
        with output.open("ab") as file:
            child = _spawn("mnist_core", *command, stdin=subprocess.DEVNULL, output=file)
    except FileNotFoundError as error:
        raise FailedError(f"No process could be started with {sys.executable}.") from error
    except OSError as error:
        raise cannot_write(output, error) from error
    _children[:] = [child for child in _children if child.poll() is None] + [child]
    return child


def _hand_over(command: list[str], run: Run) -> bool:
    """Give the command to the process that stands by; False where there is none."""
    global _standby
    with _standby_lock:
        ready, _standby = _standby, None
    if ready is None or ready.stdin is None:
        return False
    request = {"arguments": command, "log": str(run.log), "home": str(home())}
    try:
        with ready.stdin as pipe:
            pipe.write(json.dumps(request).encode() + b"\n")
    except OSError:  # it has left
        return False
    _children.append(ready)
    return ready.poll() is None


def _spawn(module: str, *arguments: str, stdin: int, output: IO[bytes] | int = subprocess.DEVNULL) -> Process:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=REPOSITORY,  # where the package is found
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,  # outlives the dashboard, the tab and the terminal
    )
    if os.name == "posix":
        with contextlib.suppress(psutil.Error):  # it has ended: its log says why
            psutil.Process(process.pid).nice(NICENESS)
    return process
