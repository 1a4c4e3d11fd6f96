"""Training processes: start, resume, stop, queue. Each is the command line a person could type, in its own session."""

import contextlib
import json
import math
import subprocess
import threading
import time
from typing import Any

from filelock import Timeout

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import MnistError, RequestError
from mnist_core.runs import commands, store
from mnist_core.runs.records import ACTIVE, Status, heartbeat, is_untouched
from mnist_core.runs.run import Run
from mnist_core.system.files import home
from mnist_core.system.processes import Process, children, identity, spawn, start_command

NOTE_SECONDS = 1.0  # longer than anybody holds a run's lock who does not train it
_standby: Process | None = None
_standby_lock = threading.Lock()  # two sessions of the dashboard are two threads


def start(config: TrainConfig, name: str = "") -> Run:
    """Create a run and train it in a process of its own; it waits where another trains.

    Raises RequestError where its device is not there, FailedError where the run cannot be written or no process be
    started.
    """
    refuse_missing_device(config)
    run = store.create(config, name)
    launch(run)
    return run


def refuse_missing_device(config: TrainConfig) -> None:
    """Raises RequestError where this machine has no such device: before there is a run that would only fail."""
    if config.device not in ("auto", "cpu"):
        from mnist_core.training.device import choose_device  # imports torch

        choose_device(config.device)


def launch(run: Run, *options: str) -> None:
    """Train a queued run in a new process; `options` are those of `resume`. Raises FailedError where none starts."""
    command = ["resume", run.id, *options]
    try:
        process = _hand_over(command, run) or start_command(command, run.log)
    except MnistError as error:
        _note(run, state="failed", error=str(error), failure=error.kind)
        raise
    _note(run, **identity(process.pid))


def _note(run: Run, **changes: Any) -> None:
    """Write into status.json who has the run in hand, or that nobody has, unless its trainer has reported by now.

    A trainer writes only while it holds the run's lock, so that nothing of it is overwritten.
    """
    deadline = time.monotonic() + NOTE_SECONDS
    while is_untouched(status := run.status()) and time.monotonic() < deadline:
        with contextlib.suppress(Timeout, OSError), run.lock().acquire(timeout=0):
            if is_untouched(status := run.status()):
                store.write_status(run, status.model_copy(update=changes))
            return
        time.sleep(0.001)  # held for a moment by somebody who looks, or by the trainer, which is about to report


def resume(run: Run, epochs: int | None = None) -> None:
    """Go on with a run in a process of its own, up to `epochs` epochs in all (default: as many as it was to have).

    Raises RequestError when it is being trained, or has nothing left to do.
    """
    store.refuse_change(run)
    store.refuse_training(run)
    status = run.status()
    config = run.record().config
    if epochs is not None:
        config.replace(epochs=epochs)  # refuses what is out of bounds, before a process is started
    store.refuse_finished(run, status, epochs or config.epochs, config.epochs)
    written = heartbeat()
    queued = {"state": "queued", "queued_at": written["heartbeat"], "error": None, "failure": None}
    queued["commands_before"] = commands.last_number(run)
    store.write_status(run, status.model_copy(update=queued | written | identity()))
    launch(run, *([] if epochs is None else ["--epochs", str(epochs)]))


def stop(run: Run) -> int:
    """Ask a run to stop: it saves its checkpoint and ends within a step, or leaves the queue; it can be resumed.

    Returns the command's number. Raises RequestError when it is not being trained.
    """
    store.refuse_change(run)
    status = run.status()
    if status.state not in ACTIVE and not run.is_held():
        raise RequestError(f"{run.id} is not being trained: it is {status.state}.")
    return commands.ask(run, "stop")


def wait(run: Run, seconds: float = math.inf) -> Status:
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
            _standby = spawn("mnist_core.cli.warm_process", stdin=subprocess.PIPE)


def _hand_over(command: list[str], run: Run) -> Process | None:
    """Give the command to the process that stands by, and return it; None where there is none."""
    global _standby
    with _standby_lock:
        ready, _standby = _standby, None
    if ready is None or ready.stdin is None:
        return None
    request = {"arguments": command, "log": str(run.log), "home": str(home())}
    try:
        with ready.stdin as pipe:
            pipe.write(json.dumps(request).encode() + b"\n")
    except OSError:  # it has left
        return None
    children.append(ready)
    return ready if ready.poll() is None else None
