"""What a person asks of a trainer: numbered commands in control.json, each handled exactly once."""

import time
from typing import Any, Literal

from filelock import Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mnist_core.errors import FailedError
from mnist_core.runs.run import Run
from mnist_core.runs.values import Count, Time
from mnist_core.system.files import FolderLock, cannot_write, read_json, write_json

MAX_STEPS = 1_000_000
LOCK_SECONDS = 10.0  # a writer holds the lock for milliseconds


class Command(BaseModel):
    """One thing that somebody asked for."""

    model_config = ConfigDict(serialize_by_alias=True)

    serial: Count  # from 1, ascending
    at: Time
    name: Literal["stop", "pause", "unpause", "step", "step_epoch", "rates", "watch_layers"] = Field(alias="wish")
    steps: int = Field(1, ge=1, le=MAX_STEPS)  # of `step`
    learning_rate: float | None = Field(None, ge=1e-6, le=10)  # of `rates`; None leaves it
    momentum: float | None = Field(None, ge=0, le=0.99)
    on: bool = True  # of `watch_layers`


def ask(run: Run, name: str, **values: Any) -> int:
    """Add a command to the run's control.json; returns its number. Raises FailedError where it cannot be written."""
    run.refuse_gone()
    path = run.path / "control.json"
    try:
        with FolderLock(run.path / ".control.lock").acquire(timeout=LOCK_SECONDS):
            handled = run.status().commands_handled
            waiting = [earlier for earlier in pending(run) if earlier.serial > handled]
            serial = (waiting[-1].serial if waiting else handled) + 1
            new = Command(serial=serial, at=time.time(), wish=name, **values)
            write_json(path, {"wishes": [each.model_dump(exclude_defaults=True) for each in [*waiting, new]]})
    except Timeout as error:
        raise FailedError(f"{path} is locked by another process: try again.") from error
    except OSError as error:
        raise cannot_write(path, error) from error
    return serial


def last_number(run: Run) -> int:
    """Of the last command that anybody has asked for so far; 0 where there was none."""
    return max([run.status().commands_handled, *(command.serial for command in pending(run))])


def pending(run: Run) -> list[Command]:
    """The commands in control.json, the earliest first; none where it is missing or damaged."""
    content = read_json(run.path / "control.json")
    try:
        return [Command.model_validate(command) for command in content["wishes"]]
    except (ValidationError, TypeError, KeyError):
        return []
