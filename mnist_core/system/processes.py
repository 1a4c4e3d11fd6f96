"""Processes: started in a session of their own, and recognised by their id and the moment they were started.

An id alone may be another process's by now.
"""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import psutil

from mnist_core.errors import FailedError
from mnist_core.system.files import PACKAGE, cannot_write, home

Process = subprocess.Popen[bytes]
children: list[Process] = []  # those that were started here and have not ended
TOLERANCE = 5.0  # seconds between two tellings of one start time; nobody gets this id so soon again
NICENESS = 5  # of what the dashboard starts: the page that a person looks at goes before


def start_command(command: list[str], output: Path, module: str = "mnist_core") -> Process:
    """Run `python -m MODULE COMMAND` in a process of its own, what it prints appended to the file `output`.

    Raises FailedError where the file cannot be written or no process be started.
    """
    try:
        with output.open("ab") as file:
            child = spawn(module, *command, stdin=subprocess.DEVNULL, output=file)
    except FileNotFoundError as error:
        raise FailedError(f"No process could be started with {sys.executable}.") from error
    except OSError as error:
        raise cannot_write(output, error) from error
    children[:] = [child for child in children if child.poll() is None] + [child]
    return child


def spawn(module: str, *arguments: str, stdin: int, output: IO[bytes] | int = subprocess.DEVNULL) -> Process:
    """Run `python -m MODULE ARGUMENTS` in a session of its own, which outlives the dashboard and the terminal."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=PACKAGE.parent,  # where the package is found, from a clone as well
        env={**os.environ, "MNIST_HOME": str(home()), "PYTHONUNBUFFERED": "1"},  # a relative one is relative to here
        start_new_session=True,  # outlives the dashboard, the tab and the terminal
    )
    if os.name == "posix":
        with contextlib.suppress(psutil.Error):  # it has ended: its log says why
            psutil.Process(process.pid).nice(NICENESS)
    threading.Thread(target=process.wait, daemon=True).start()  # one that has ended leaves no zombie
    return process


def identity(pid: int | None = None) -> dict[str, int | float]:
    """What names a process (this one, where no `pid` is given) in status.json; one that has gone started at 0."""
    where = {"pid_namespace": namespace()}
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return {"pid": process.pid, "process_started": _started(process), **where}
    return {"pid": pid or os.getpid(), "process_started": 0.0, **where}


def namespace() -> int:
    """Which processes this one's ids are of: a container has ids of its own (pid_namespaces(7)). 0 where unknown."""
    with contextlib.suppress(OSError):
        return Path("/proc/self/ns/pid").stat().st_ino
    return 0


def is_running(pid: int, started: float) -> bool:
    """Whether the process that got `pid` at `started`, as `identity` says it, is still at work."""
    try:
        process = psutil.Process(pid)
        return abs(_started(process) - started) < TOLERANCE and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _started(process: psutil.Process) -> float:
    """When it was started, in seconds after the machine was: the clock may be set, and moves both."""
    return float(process.create_time() - psutil.boot_time())
