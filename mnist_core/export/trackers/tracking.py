"""A training sent to a tracker as it goes, by following the run's files: the trainer knows nothing of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from mnist_core.errors import RequestError
from mnist_core.export.trackers import mlflow
from mnist_core.runs.logs.metrics import MetricsReader
from mnist_core.runs.records import ACTIVE, Status
from mnist_core.runs.run import Run
from mnist_core.system.program import command

POLL_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 4, 64  # polls until a tracker that was away is asked again; doubled each time
ATTEMPTS = 3  # after the end of the training


class Tracker(Protocol):
    """Where a run is sent. Any method may raise; called again, it sends nothing twice."""

    program: str
    place: str  # for a person: without a password

    def begin(self, run: Run) -> None:
        """The run begins, or goes on."""

    def log(self, rows: Sequence[Mapping[str, Any]], now: float) -> None:
        """Rows of metrics.jsonl, seen at `now`; some may have been sent before."""

    def end(self, run: Run, status: Status) -> None:
        """The run has ended."""


class Kind(NamedTuple):
    """A kind of tracker."""

    refuse_missing: Callable[[str], None]  # raises RequestError where the place is none, or a package is missing
    make: Callable[[str], Tracker]


TRACKERS = {"mlflow": Kind(mlflow.refuse_missing, mlflow.MlflowTracker)}


def parse(text: str) -> tuple[str, str]:
    """Kind and place of a tracker, of `mlflow:http://localhost:5000` for example.

    Raises RequestError where it is none, or a package that it needs is not installed.
    """
    kind, _, place = text.partition(":")
    if kind not in TRACKERS or not place:
        raise RequestError(f"log_to must be mlflow:URI, for example mlflow:sqlite:///mlflow.db; {text!r} was given.")
    TRACKERS[kind].refuse_missing(place)
    return kind, place


def follow(run: Run, tracker: Tracker, say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep) -> bool:
    """Send a training to `tracker` until it has ended; whether all of it was sent.

    `say` gets a sentence, once, where the tracker is away while it trains, and one at the end where it has not got
    everything. Nothing that the tracker raises comes from here.
    """
    reader = MetricsReader(run)
    sent = failures = attempts = pause = 0
    has_begun = False
    while True:
        status = run.status()  # before the rows: what was logged before the end is then read
        has_ended = status.state not in ACTIVE
        if pause and not has_ended:
            pause -= 1
            sleep(POLL_SECONDS)
            continue
        try:
            rows = reader.read()
            if not has_begun:
                tracker.begin(run)
                has_begun = True
            tracker.log(rows[sent if sent <= len(rows) else 0 :], time.time())
            sent = len(rows)
            if has_ended:
                tracker.end(run, status)
                return True
        except Exception as error:
            failures += 1
            attempts += has_ended
            pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 9), LONGEST_PAUSE)
            where = f"{tracker.program} at {tracker.place}"
            why = str(error).rstrip(".") or type(error).__name__
            if failures == 1 and not has_ended:
                say(f"{where} does not take the run ({why}): the training goes on, what is missing is sent later.")
            if attempts == ATTEMPTS:
                again = f"{command()} export {run.id} --format {tracker.program.lower()} -o {tracker.place}"
                say(f"{where} has not got all of {run.id} ({why}): `{again}` sends it.")
                return False
        sleep(POLL_SECONDS)
