"""A sweep: a folder under `sweeps/` that says what it is and where its study lies (docs/run-folder.md).

The study, in the storage, holds the plan, the trials, and what the workers are to do; workers on other machines share
it and nothing else.
"""

import re
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from filelock import Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mnist_core.errors import DamagedError, FailedError, RequestError
from mnist_core.runs.values import Count, Identifier, Time, reason
from mnist_core.sweeps import storage
from mnist_core.sweeps.plan import SweepPlan
from mnist_core.system.files import FolderLock, cannot_write, home, load_json, make_folder, write_json
from mnist_core.system.program import command

if TYPE_CHECKING:
    from optuna import Study

Wish = Literal["run", "pause", "stop"]
PLAN, WISH, TRIALS, DEADLINE, SECONDS_LEFT = "plan", "wish", "trials", "deadline", "seconds_left"  # of the study
LOCK_SECONDS = 30.0
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-sweep-[0-9a-f]{4}")


class Winner(BaseModel):
    """The winner trained again on everything (`retrain.py`)."""

    trial: Count
    runs: list[Identifier] = Field(max_length=20)


class SweepFile(BaseModel):
    """sweep.json."""

    model_config = ConfigDict(extra="ignore")

    created: Time
    name: str = Field("", max_length=60)
    storage: str | None = Field(None, max_length=2000)  # a database's address; None: the journal beside this file
    joined: bool = False  # the sweep was started on another machine; this one only works for it
    artifacts: str | None = Field(None, max_length=1000)
    grace_seconds: int = Field(60, ge=2, le=3600)
    winners: list[Winner] = Field([], max_length=1000)
    collected: list[Identifier] = Field([], max_length=1_000_000)  # runs that came from other machines


class Sweep(NamedTuple):
    """A sweep's folder."""

    path: Path

    @property
    def id(self) -> str:
        """The folder's name, which is the study's too: 20261127-210500-sweep-3f9a (UTC)."""
        return self.path.name

    @property
    def place(self) -> Path | str:
        """Where the study is: the journal file, or the address of a database."""
        return self.file().storage or self.path / "journal.log"

    def file(self) -> SweepFile:
        """What sweep.json says. Raises DamagedError where it is missing or damaged."""
        path = self.path / "sweep.json"
        try:
            return SweepFile.model_validate(load_json(path))
        except ValidationError as error:
            raise DamagedError(f"{path} is damaged: {reason(error)}; put a copy back.") from error
        except ValueError as error:
            raise DamagedError(f"{path} {error}; put a copy back.") from error

    def change_file(self, **changes: Any) -> None:
        """Renew sweep.json with these changes; whoever calls holds `lock`."""
        self._write(self.file().model_copy(update=changes))

    def study(self) -> "Study":
        """The study. Raises RequestError where Optuna, the study or the storage is not there."""
        known = self.file()
        return storage.study_of(self.place, self.id, known.grace_seconds)

    def plan(self, study: "Study | None" = None) -> SweepPlan:
        """The plan, as the study has it. Raises DamagedError where it has none, RequestError as `study`."""
        attributes = self.attributes(study)
        try:
            return SweepPlan.model_validate(attributes.get(PLAN))
        except (ValidationError, RequestError) as error:
            raise DamagedError(
                f"The study {self.id} holds no plan of this program: start a sweep of its own."
            ) from error

    def attributes(self, study: "Study | None" = None) -> dict[str, Any]:
        """What the study says of the sweep: its plan, what the workers are to do."""
        study = study or self.study()
        with storage.telling(self.place):
            return dict(study.user_attrs)

    def lock(self) -> FolderLock:
        """Held by whoever changes what the sweep is to do."""
        return FolderLock(self.path / ".lock")

    def acquire(self) -> Any:
        """The lock, taken. Raises FailedError where another process keeps it."""
        try:
            return self.lock().acquire(timeout=LOCK_SECONDS)
        except Timeout as error:
            raise FailedError(f"{self.id} is being changed by another process: try again.") from error
        except OSError as error:
            if self.path.is_dir():
                raise cannot_write(self.path / ".lock", error) from error
            raise RequestError(f"{self.id} is no longer there: see `{command()} tune status --all`.") from error

    def _write(self, said: SweepFile) -> None:
        path = self.path / "sweep.json"
        write_json(path, said.model_dump())
        path.chmod(0o600)  # the address of a database may hold a password


def sweeps_folder() -> Path:
    """Where the sweeps are; it may not exist yet."""
    return home() / "sweeps"


def every() -> list[Sweep]:
    """All sweeps of this machine, the newest first."""
    folder = sweeps_folder()
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted((Sweep(path) for path in found if _is_sweep(path)), key=lambda sweep: sweep.id, reverse=True)


def find(selector: str = "latest") -> Sweep:
    """The sweep that `selector` means: an id, a unique beginning of one, or `latest`.

    Raises RequestError where there is none, or more than one.
    """
    known = every()
    if not known:
        raise RequestError(
            f"There is no sweep yet: start one, for example `{command()} tune start --search learning_rate`."
        )
    if selector == "latest":
        return known[0]
    matches = [sweep for sweep in known if selector and sweep.id.startswith(selector)]
    if not matches:
        raise RequestError(
            f"There is no sweep {selector!r}: see `{command()} tune status --all` for the ones there are."
        )
    if len(matches) > 1:
        raise RequestError(f"{selector!r} begins {len(matches)} sweeps ({matches[0].id}, ...): give more of the id.")
    return matches[0]


def create(plan: SweepPlan, url: str | None = None) -> Sweep:
    """A new sweep that nobody works on yet, its study in a journal of its own or in the database `url`.

    Raises RequestError where Optuna is missing or the database cannot be reached; nothing is left then.
    """
    storage.refuse_missing_optuna()
    if url is not None:
        storage.opened(url, plan.grace_seconds)  # refused before there is anything
    import optuna

    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    sweep = Sweep(sweeps_folder() / f"{stamp}-sweep-{secrets.token_hex(2)}")
    make_folder(sweep.path / "workers")
    try:
        place = url or sweep.path / "journal.log"
        with storage.telling(place):
            study = optuna.create_study(
                storage=storage.opened(place, plan.grace_seconds), study_name=sweep.id, direction="maximize"
            )
            study.set_user_attr(PLAN, plan.model_dump(mode="json"))
            study.set_user_attr(TRIALS, plan.slots)
        said = {"name": plan.name, "storage": url, "artifacts": plan.artifacts, "grace_seconds": plan.grace_seconds}
        sweep._write(SweepFile.model_validate({"created": time.time(), **said}))
    except BaseException:
        shutil.rmtree(sweep.path, ignore_errors=True)
        raise
    return sweep


def joined(url: str, name: str, artifacts: str | None = None) -> Sweep:
    """The sweep whose study `name` is in the database `url`, for a worker on a machine that did not start it.

    Raises RequestError where the database cannot be reached or has no such study.
    """
    study = storage.study_of(storage.checked_url(url), name)
    if not _ID.fullmatch(name):
        raise RequestError(f"{name!r} is no sweep of this program.")
    sweep = Sweep(sweeps_folder() / name)
    if (sweep.path / "sweep.json").exists():
        if artifacts:
            with sweep.acquire():
                sweep.change_file(artifacts=artifacts)
        return sweep
    plan = sweep_plan(study, name)
    make_folder(sweep.path / "workers")
    said = {"name": plan.name, "storage": url, "joined": True, "artifacts": artifacts or plan.artifacts}
    sweep._write(SweepFile.model_validate({"created": time.time(), "grace_seconds": plan.grace_seconds, **said}))
    return sweep


def sweep_plan(study: "Study", name: str) -> SweepPlan:
    """The plan of a study, before there is a folder for it."""
    try:
        return SweepPlan.model_validate(study.user_attrs.get(PLAN))
    except (ValidationError, RequestError) as error:
        raise RequestError(f"The study {name!r} was not made by this program.") from error


def _is_sweep(path: Path) -> bool:
    return _ID.fullmatch(path.name) is not None and (path / "sweep.json").is_file()
