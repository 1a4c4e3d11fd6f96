"""A run directory, as any process reads it (layout in docs/run-folder.md)."""

import io
import logging
import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from mnist_core.config.history import lost_settings
from mnist_core.config.train_config import TEST_SIZE
from mnist_core.errors import DamagedError, RequestError
from mnist_core.runs import manifest
from mnist_core.runs.logs.rows import best_validated, good_events, good_metrics
from mnist_core.runs.records import ACTIVE, Record, Status, is_alive, is_elsewhere, is_renewed
from mnist_core.runs.values import Name, Note, reason
from mnist_core.system.files import (
    MAX_JSON,
    REPOSITORY,
    FolderLock,
    home,
    is_locked,
    load_json,
    make_folder,
    parse_json,
    read_json_lines,
)
from mnist_core.system.plain_text import MAX_TAGS
from mnist_core.system.program import command
from mnist_core.system.sealing import is_broken

log = logging.getLogger(__name__)  # what nobody sets up goes to standard error
SHIPPED = REPOSITORY / "shipped"  # the run that came with the project; its id is the folder's name


class Notes(BaseModel):
    """What a person wrote about a run: notes.json. What is not in `model_fields_set` was never said."""

    name: Name = ""
    note: Note = ""
    tags: Annotated[tuple[Name, ...], Field(max_length=MAX_TAGS)] = ()  # each once, in the order of the alphabet
    keep: bool = False  # whether it may not be deleted


Read = TypeVar("Read", bound=BaseModel)


def valid(kind: type[Read], value: Any) -> Read:
    """What a file of this kind says. Raises ValueError, a reason, where the JSON value is none."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise ValueError(f"is damaged: {reason(error)}") from error


class Run(NamedTuple):
    """A run directory. Reading it writes at most the manifest of a run that has none (`manifest.py`)."""

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

    def make_derived_folder(self) -> None:
        """Create the folder of `derived`. Raises RequestError as `refuse_gone`."""
        self.refuse_gone()
        make_folder(self.derived(0, "").parent)

    def refuse_gone(self) -> None:
        """Raises RequestError where the run was deleted meanwhile, in another tab or a terminal.

        Its folder must not be made anew: the run could then not come back from the trash.
        """
        if not self.path.is_dir():
            back = f"`{command()} runs restore {self.id}` brings it back"
            raise RequestError(f"{self.id} is no longer there: where it was deleted, {back}.")

    def saved_epochs(self) -> list[int]:
        """The epochs whose weights are there, ascending; 0 is before the first step."""
        files = (self.path / "epochs").glob("[0-9]*.safetensors")
        return sorted(int(path.stem) for path in files if re.fullmatch(r"[0-9]{4,6}", path.stem))

    def record(self) -> Record:
        """What the run is. Raises FailedError when config.json is missing or damaged."""
        path = self.path / "config.json"
        try:
            said = parse_json(manifest.read(path, MAX_JSON, take_over=False))
        except FileNotFoundError as error:
            raise DamagedError(f"{path} is missing; put it back, or delete the run.") from error
        except OSError as error:
            raise DamagedError(f"{path} cannot be read ({error.strerror}); put it back, or delete the run.") from error
        except ValueError as error:
            raise DamagedError(f"{path} is damaged: it is no JSON; put it back, or delete the run.") from error
        try:
            record = valid(Record, said)
        except ValueError as error:
            raise DamagedError(f"{path} {error}; put it back, or delete the run.") from error
        if lost := lost_settings(said["config"]):
            raise DamagedError(f"{path} is damaged: it lacks {lost!r}; put it back, or delete the run.")
        return record

    def is_readable(self) -> bool:
        """Whether config.json is whole; without it nothing can be asked of the run."""
        with suppress(DamagedError):
            self.record()
            return True
        return False

    def status(self) -> Status:
        """What the run is doing: a run whose process has gone is `interrupted`, whatever its file says.

        A trainer in another container has a process id that means nothing here: it lives while it holds the run's
        lock and renews the status.
        """
        try:
            said = load_json(self.path / "status.json")
            if is_broken(said):
                raise ValueError("is damaged: it is not what was written")
            status = valid(Status, said)
        except ValueError as error:
            return Status.damaged(f"status.json {error}.")
        if status.state not in ACTIVE:
            return status
        alive = is_renewed(status) and self.is_held() if is_elsewhere(status) else is_alive(status)
        if not alive:
            return status.model_copy(update={"state": "interrupted", "images_per_second": None})
        return status

    def metrics(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Rows of metrics.jsonl from byte `offset`, and the offset to read on from. See the folder `logs`.

        Raises DamagedError where what had been written at the last checkpoint is another now, or where something was
        added to it after the end; not from an offset on.
        """
        path = self.path / "metrics.jsonl"
        if not offset:
            manifest.check(path, self._is_complete)
        rows, offset = read_json_lines(path, offset)
        return good_metrics(rows), offset

    def events(self) -> list[dict[str, Any]]:
        """What was done to the run while it trained, in order: rows of events.jsonl, each with `at`, `step`, `event`.

        `paused`, `unpaused`, `stepped` (with `steps`), `rates` (with `learning_rate`, `momentum`, `old_learning_rate`
        and `old_momentum`), `stopped`, `interrupted`, `resumed`, `epochs` (with `epochs` and `old_epochs`). `at` is in
        seconds since the epoch; what it led to begins with the update after `step`. Raises as `metrics` does.
        """
        manifest.check(self.path / "events.jsonl", self._is_complete)
        return good_events(read_json_lines(self.path / "events.jsonl")[0])

    def _is_complete(self) -> bool:
        """Whether the last checkpoint came after all that was logged."""
        return self.status().state == "finished"

    def saved_answers(self, epoch: int) -> np.ndarray | None:
        """The trainer's saved log-probabilities on the test split, or None where missing or damaged (logged)."""
        if why := self.answers_damage(epoch):
            log.warning("%s", why)
            return None
        try:
            path = self.test_log_probabilities(epoch)
            answers = np.load(io.BytesIO(manifest.read(path)), allow_pickle=False)
        except (DamagedError, OSError, ValueError, EOFError):
            return None
        return answers if answers.shape == (TEST_SIZE, 10) else None

    def answers_damage(self, epoch: int) -> str | None:
        """A sentence where the trainer's saved answers are not what was written, so that nobody takes them."""
        path = self.test_log_probabilities(epoch)
        try:
            manifest.read(path)
        except DamagedError:
            return f"{path} is damaged: these answers are computed from the weights instead."
        except OSError:
            return None
        return None

    def notes(self) -> Notes:
        """What a person wrote about the run; nothing where the file is damaged."""
        with suppress(ValueError):
            return valid(Notes, load_json(self.path / "notes.json"))
        return Notes()

    def damage(self) -> str | None:
        """Why the run cannot be read, in a sentence; None where it can. It can be deleted all the same."""
        try:
            self.record()
        except DamagedError as error:
            return str(error)
        return self.status().damage

    def name(self) -> str:
        """What a person calls it: the last name given, else the one it was started with; often empty.

        Raises FailedError when config.json is missing or damaged.
        """
        notes = self.notes()
        return notes.name if "name" in notes.model_fields_set else self.record().name

    def note(self) -> str:
        """A person's note on it; often empty."""
        return self.notes().note

    def lock(self) -> FolderLock:
        """Held by the run's trainer for as long as it lives: two never write one run."""
        return FolderLock(self.path / ".lock")

    def is_held(self) -> bool:
        """Whether a trainer holds the run, also one that has stopped answering."""
        return is_locked(self.lock())


def last_epoch(run: Run) -> int:
    """The last epoch whose weights are saved.

    Raises RequestError where there is none yet, DamagedError where those of a later one were saved and are missing:
    nobody is told an earlier epoch's figures for the last one's.
    """
    epochs = run.saved_epochs()
    lost = manifest.lost(run.path, r"epochs/[0-9]{4,6}\.safetensors")
    if lost and int(Path(lost[-1]).stem) > max(epochs, default=-1):
        raise DamagedError(
            f"{run.path / lost[-1]} is missing. Put a copy back, train the run again, or choose another."
        )
    if not epochs:
        raise RequestError(f"{run.id} has no weights yet: wait for its first test, or choose another run.")
    return epochs[-1]


def answering_epoch(run: Run) -> int:
    """The epoch whose weights answer: the last, or where the run's settings say so the best by validation digits.

    Of equals it is the first. Raises as `last_epoch`, and DamagedError where settings or curve are damaged.
    """
    last = last_epoch(run)
    if run.record().config.answer_with == "last":
        return last
    saved = set(run.saved_epochs())
    best = best_validated(row for row in run.metrics()[0] if row["epoch"] in saved)
    return last if best is None else int(best["epoch"])
