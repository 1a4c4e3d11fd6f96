"""The run store: each run is a folder under `runs/` that any process can read (layout in README.md).

While a run trains, its trainer is the only writer; a person's wishes reach it through `control.json`.
"""

import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from filelock import FileLock
from pydantic import BaseModel, ValidationError

from mnist_core import data
from mnist_core.config import TrainConfig
from mnist_core.errors import FailedError, RequestError
from mnist_core.files import (
    REPOSITORY,
    cannot_write,
    home,
    is_locked,
    make_folder,
    read_json,
    read_json_lines,
    write_json,
)
from mnist_core.processes import is_running

State = Literal["queued", "running", "paused", "stopped", "finished", "failed", "interrupted"]
ACTIVE: tuple[State, ...] = ("queued", "running", "paused")  # states that need a living process

HEARTBEAT_SECONDS = 0.5  # how often a trainer renews status.json
SHIPPED = REPOSITORY / "shipped"  # the run that came with the project; its id is the folder's name
STALE_SECONDS = 15.0  # a heartbeat older than this is no sign of life
START_SECONDS = 60.0  # a process has this long to come: a busy machine takes its time to import torch


class Status(BaseModel):
    """What a run is doing: `status.json`."""

    state: State
    heartbeat: float  # seconds since the epoch, when its writer last renewed this file
    queued_at: float
    pid: int | None = None
    process_started: float | None = None  # the process's start time: a pid alone may be somebody else's by now
    error: str | None = None  # a sentence for a person
    epoch: int = 0  # epochs completed
    step: int = 0
    samples_seen: int = 0
    train_seconds: float = 0.0  # spent on steps, tests left out, over all sessions of the run
    images_per_second: float | None = None  # over the last few seconds
    test_loss: float | None = None  # of the last test
    test_accuracy: float | None = None  # 0 to 1
    validation_accuracy: float | None = None  # of the last test, where the config holds digits out
    learning_rate: float | None = None  # as set last; a schedule scales it (each row of metrics.jsonl has the outcome)
    momentum: float | None = None
    wishes_met: int = 0  # number of the last wish of control.json that has been met (`controls.py`)
    watch_layers: bool = False  # whether each layer is being measured
    weights_hash: str | None = None  # SHA-256 of the last checkpoint's weights, once at rest


class Record(BaseModel):
    """What a run is: `config.json`."""

    config: TrainConfig
    created: float  # seconds since the epoch
    name: str = ""
    parent: str | None = None  # the run whose weights it started from (finetuning.py)
    threads: int | None = None  # what the trainer computed with; resuming takes the same
    device: str | None = None
    versions: dict[str, str] = {}
    data: str = data.FINGERPRINT


class Run(NamedTuple):
    """A run directory. Reading it never writes to it."""

    path: Path

    @property
    def id(self) -> str:
        """The folder's name, for example 20261122-211401-cnn-3f9a (UTC)."""
        return self.path.name

    @property
    def is_shipped(self) -> bool:
        """Whether it came with the project (`shipped/README.md`): it can be asked, but not changed."""
        return self.path == SHIPPED

    @property
    def checkpoint(self) -> Path:
        """Everything needed to go on exactly."""
        return self.path / "checkpoint.pt"

    @property
    def log(self) -> Path:
        """The trainer's own output."""
        return self.path / "log.txt"

    def weights(self, epoch: int) -> Path:
        """The weights after `epoch` epochs."""
        return self.path / "epochs" / f"{epoch:04d}.safetensors"

    def test_log_probabilities(self, epoch: int) -> Path:
        """What the network answered to the 10,000 test digits after `epoch` epochs: float32 (10000, 10), .npy."""
        return self.path / "epochs" / f"{epoch:04d}.test.npy"

    def derived(self, epoch: int, ending: str) -> Path:
        """Where something computed from the weights after `epoch` epochs is kept: `<epoch>.<ending>` beside them.

        The shipped run stays as it is: what is computed from it lies in `cache/` under MNIST_HOME.
        """
        folder = home() / "cache" / self.id if self.is_shipped else self.path / "epochs"
        return folder / f"{epoch:04d}.{ending}"

    def saved_epochs(self) -> list[int]:
        """The epochs whose weights are there, ascending; 0 is before the first step."""
        return sorted(int(p.stem) for p in (self.path / "epochs").glob("[0-9]*.safetensors") if p.stem.isdigit())

    def record(self) -> Record:
        """What the run is. Raises FailedError when config.json is missing or damaged."""
        try:
            return Record.model_validate(read_json(self.path / "config.json"))
        except ValidationError as error:
            raise FailedError(f"{self.path / 'config.json'} is damaged: put it back, or delete the run.") from error

    def status(self) -> Status:
        """What the run is doing: a run whose process has gone is `interrupted`, whatever its file says."""
        try:
            status = Status.model_validate(read_json(self.path / "status.json"))
        except ValidationError:
            return Status(state="interrupted", heartbeat=0, queued_at=0, error="status.json is missing or damaged.")
        if status.state in ACTIVE and not _alive(status):
            return status.model_copy(update={"state": "interrupted", "images_per_second": None})
        return status

    def metrics(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Rows of metrics.jsonl from byte `offset`, and the offset to read on from. See `metrics.py`."""
        return read_json_lines(self.path / "metrics.jsonl", offset)

    def events(self) -> list[dict[str, Any]]:
        """What was done to the run while it trained, in order: rows of events.jsonl, each with `at`, `step`, `event`.

        `paused`, `unpaused`, `stepped` (with `steps`), `rates` (with `learning_rate`, `momentum`, `old_learning_rate`
        and `old_momentum`), `stopped`, `interrupted`, `resumed`, `epochs` (with `epochs` and `old_epochs`). `at` is in
        seconds since the epoch; what it led to begins with the update after `step`.
        """
        return read_json_lines(self.path / "events.jsonl")[0]

    def saved_answers(self, epoch: int) -> np.ndarray | None:
        """The trainer's saved log-probabilities on the test split, or None where missing or damaged."""
        try:
            answers = np.load(self.test_log_probabilities(epoch), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return answers if answers.shape == (10_000, 10) else None

    def notes(self) -> dict[str, str]:
        """What a person wrote about the run: `name`, `note`, where there is one."""
        notes = read_json(self.path / "notes.json")
        return {name: str(text) for name, text in notes.items()} if isinstance(notes, dict) else {}

    def name(self) -> str:
        """What a person calls it: the last name given, else the one it was started with; often empty.

        Raises FailedError when config.json is missing or damaged.
        """
        return self.notes().get("name", self.record().name)

    def note(self) -> str:
        """A person's note on it; often empty."""
        return self.notes().get("note", "")

    def lock(self) -> FileLock:
        """Held by the run's trainer for as long as it lives: two never write one run."""
        return FileLock(self.path / ".lock")

    def is_held(self) -> bool:
        """Whether a trainer holds the run, also one that has stopped answering."""
        return is_locked(self.lock())


def runs_folder() -> Path:
    """Where the runs are; it may not exist yet."""
    return home() / "runs"


def create(config: TrainConfig, name: str = "", parent: str | None = None) -> Run:
    """A new run, queued, that no process trains yet."""
    now = time.time()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    run = Run(make_folder(runs_folder()) / f"{stamp}-{config.model}-{secrets.token_hex(2)}")
    make_folder(run.path / "epochs")
    write_status(run, Status(state="queued", heartbeat=now, queued_at=now))
    write_record(run, Record(config=config, created=now, name=name, parent=parent))  # last: from now on it is listed
    return run


def write_record(run: Run, record: Record) -> None:
    """Replace config.json."""
    write_json(run.path / "config.json", record.model_dump())


def write_status(run: Run, status: Status) -> None:
    """Replace status.json."""
    write_json(run.path / "status.json", status.model_dump())


def every() -> list[Run]:
    """All runs, newest first."""
    return sorted(_folders(), key=lambda run: run.id, reverse=True)


def shipped() -> Run | None:
    """The run that came with the project, or None where somebody took it away. `every()` does not list it."""
    return Run(SHIPPED) if (SHIPPED / "config.json").is_file() else None


def refuse_shipped(run: Run) -> None:
    """Raises RequestError for the run that came with the project, which nobody changes."""
    if run.is_shipped:
        raise RequestError("The shipped run stays as it is: train one of your own to resume, stop or delete.")


def find(selector: str = "best") -> Run:
    """The run that `selector` means: an id, a unique beginning of one, `latest`, or `best`.

    `best` is what `best_of` says, and where none has finished the shipped one.

    Raises RequestError when there is none, or more than one.
    """
    runs, came = every(), shipped()
    if came is not None and (selector == came.id or (selector == "best" and best_of(runs) is None)):
        return came
    if not runs:
        raise RequestError("There is no run yet: train one with `python -m mnist_core train`.")
    if selector == "latest":
        return runs[0]
    if selector == "best":
        best = best_of(runs)
        if best is None:
            raise RequestError("No run has finished yet: name one, or wait (see `python -m mnist_core runs`).")
        return best
    matches = [run for run in runs if run.id == selector] or [run for run in runs if run.id.startswith(selector)]
    if not matches:
        raise RequestError(f"There is no run {selector!r}: see `python -m mnist_core runs` for the ones there are.")
    if len(matches) > 1:
        raise RequestError(f"{selector!r} begins {len(matches)} runs ({matches[0].id}, ...): give more of the id.")
    return matches[0]


def best_of(runs: list[Run], status_of: Callable[[Run], Status] = Run.status) -> Run | None:
    """The finished run with the highest accuracy, the newest of equals; None where none has finished.

    A run that held out validation digits is ranked by those. One that held out none has only its test accuracy: then
    this is a choice of what to show, and the accuracy of the chosen one is a little flattered by it. Whoever compares
    settings holds digits out (`validation_size`).
    """
    finished = [(run, status) for run in runs if (status := status_of(run)).state == "finished"]
    return max(finished, key=lambda pair: (_ranked_by(pair[1]), pair[0].id))[0] if finished else None


def _ranked_by(status: Status) -> float:
    held_out, test = status.validation_accuracy, status.test_accuracy
    return held_out if held_out is not None else test or 0


def delete(run: Run) -> None:
    """Delete a run with all that is in it.

    Raises RequestError while it is being trained or when it came with the project, FailedError where the disk refuses.
    """
    refuse_shipped(run)
    if run.is_held() or run.status().state in ACTIVE:
        raise RequestError(f"{run.id} is being trained: stop it first (`python -m mnist_core stop {run.id}`).")
    try:
        shutil.rmtree(run.path)
    except OSError as error:
        raise cannot_write(run.path, error) from error


def _folders() -> Iterator[Run]:
    if runs_folder().is_dir():
        for path in runs_folder().iterdir():
            if re.match(r"\d{8}-\d{6}-", path.name) and (path / "config.json").is_file():
                yield Run(path)


def _alive(status: Status) -> bool:
    silence = time.time() - status.heartbeat
    if status.pid is None:  # queued; its process is being started
        return silence < START_SECONDS
    return silence < STALE_SECONDS and is_running(status.pid, status.process_started or 0)
