"""`--log-to`: a training that is sent to a tracker while it goes on."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from mnist_core.export.trackers.process import start
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import harmless
from mnist_core.system.processes import Process

LogToOption = Annotated[
    str, typer.Option(metavar="TRACKER", help="Send it there as it trains, for example mlflow:sqlite:///mlflow.db.")
]
PATIENCE_SECONDS = 60.0  # after the training, until the rest is left to the process alone
OnProgress = Callable[[Status, int], None]


@contextmanager
def sending(run: Run, tracker: tuple[str, str] | None) -> Iterator[OnProgress]:
    """Yields what a training is to call with each status: its first call begins to send, the end waits for the rest.

    Nothing of it is raised: a sentence on standard error, and the training goes on.
    """
    process: Process | None = None
    reading = threading.Thread(target=lambda: _hand_on(process), daemon=True)
    is_over = tracker is None

    def on_progress(status: Status, total: int) -> None:
        nonlocal process, is_over
        if is_over or tracker is None:
            return
        is_over = True
        try:
            process = start(run, *tracker)
            reading.start()
        except OSError as error:
            print(f"Nothing is sent to {tracker[0]}: no process can be started ({error}).", file=sys.stderr)

    try:
        yield on_progress
    finally:
        if process is not None:
            _wait(process, reading)


def _hand_on(process: Process | None) -> None:
    """Print what the process says, line by line."""
    assert process is not None and process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            print(harmless(line.decode(errors="replace").rstrip("\n")), file=sys.stderr, flush=True)


def _wait(process: Process, reading: threading.Thread) -> None:
    try:
        process.wait(PATIENCE_SECONDS)
        reading.join(1)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        print("The tracker has not got everything yet: it is being sent, without this terminal.", file=sys.stderr)
