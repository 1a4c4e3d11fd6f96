"""How far something long is that a process of its own does, in a file that whoever waits for it reads."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import BaseModel, ValidationError

from mnist_core.runs.records import START_SECONDS
from mnist_core.runs.values import Sentence, Share, Time
from mnist_core.system.files import is_locked, read_json, write_json
from mnist_core.system.trouble import as_sentence

State = Literal["starting", "waiting", "running", "failed"]


class Progress(BaseModel):
    """What the file says, which is gone once it is done."""

    state: State
    at: Time  # when this was written
    share: Share = 0.0  # of the work done
    error: Sentence | None = None  # for a person

    @property
    def is_active(self) -> bool:
        """Whether somebody is at it."""
        return self.state != "failed"


def report(file: Path, state: State, share: float = 0.0, error: str | None = None) -> None:
    """Say so in `file`."""
    write_json(file, Progress(state=state, at=time.time(), share=share, error=error).model_dump())


def look(file: Path, lock: FileLock) -> Progress | None:
    """What `file` says; None where nobody has asked, or it is done. Who is at it holds `lock`."""
    try:
        said = Progress.model_validate(read_json(file))
    except ValidationError:
        return None
    is_starting = said.state == "starting" and time.time() - said.at < START_SECONDS
    if said.state == "failed" or is_starting or is_locked(lock):
        return said
    interrupted = {"state": "failed", "error": "The computation was interrupted: start it again."}
    return said.model_copy(update=interrupted)


@contextmanager
def reporting_failure(file: Path, log: Path) -> Iterator[None]:
    """What the block raises is said in `file`, and raised on; where it is no sentence, its traceback is in `log`."""
    try:
        yield
    except Exception as error:
        told = as_sentence(error)
        report(file, "failed", error=str(told) if told else f"Unexpected {type(error).__name__}: see {log}.")
        raise
