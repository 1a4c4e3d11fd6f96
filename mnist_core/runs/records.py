"""What a run is and what it is doing: config.json and status.json."""

import math
import time
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from mnist_core.config.changes import MOST, Changes
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.download import FINGERPRINT
from mnist_core.errors import FailureKind
from mnist_core.runs.values import Count, Epoch, Identifier, Loss, Name, Seconds, Sentence, Share, Speed, Time, Word
from mnist_core.system.hardware import limit
from mnist_core.system.processes import is_running, namespace

State = Literal["queued", "running", "paused", "stopped", "finished", "failed", "interrupted"]
ACTIVE: tuple[State, ...] = ("queued", "running", "paused")  # states that need a living process

HEARTBEAT_SECONDS = 0.5  # how often a trainer renews status.json
STALE_SECONDS = 15.0  # a heartbeat older than this is no sign of life
START_SECONDS = 60.0  # a process has this long to come: a busy machine takes its time to import torch


class Status(BaseModel):
    """What a run is doing: `status.json`."""

    model_config = ConfigDict(serialize_by_alias=True)

    state: State
    heartbeat: Time  # when its writer last renewed this file
    heartbeat_uptime: Time | None = None  # the same by `time.monotonic()`, which nobody can set
    queued_at: Time
    pid: int | None = Field(None, ge=1, le=2**31 - 1)
    process_started: Time | None = None  # seconds after the machine's start: a pid alone may be another's by now
    pid_namespace: Count = 0  # whose processes the pid is of, as a container has its own; 0 is this one's
    error: Sentence | None = None  # for a person
    failure: FailureKind | None = None  # what kind of error that is
    epoch: Epoch = 0  # epochs completed
    step: Count = 0
    samples_seen: Count = 0
    train_seconds: Seconds = 0.0  # spent on steps, tests left out, over all sessions of the run
    images_per_second: Speed | None = None  # over the last few seconds
    test_loss: Loss | None = None  # of the last test
    test_accuracy: Share | None = None
    validation_accuracy: Share | None = None  # of the last test, where the config holds digits out
    learning_rate: float | None = Field(None, ge=1e-6, le=10)  # as set last; a schedule scales it (metrics.jsonl)
    momentum: float | None = Field(None, ge=0, le=0.99)
    commands_handled: Count = Field(0, alias="wishes_met")  # number of the last command handled (`commands.py`)
    commands_before: Count = 0  # number of the last command that came before the run was queued
    watch_layers: bool = False  # whether each layer is being measured
    weights_hash: Word | None = None  # SHA-256 of the last checkpoint's weights, once at rest
    _damage: str | None = PrivateAttr(None)  # why status.json cannot be read

    @classmethod
    def damaged(cls, why: str) -> "Status":
        """What stands for a status.json that cannot be read, and why it cannot, as a sentence."""
        status = cls(state="interrupted", heartbeat=0, queued_at=0, error=why)
        status._damage = status.error
        return status

    @property
    def damage(self) -> str | None:
        """Why status.json cannot be read, as a sentence; None where it can."""
        return self._damage

    @model_validator(mode="before")
    @classmethod
    def _failure_of_old_runs(cls, values: Any) -> Any:
        """Runs that failed before `failure` was kept say what happened in a sentence alone."""
        if isinstance(values, dict) and values.get("state") == "failed" and "failure" not in values:
            diverged = "The training diverged" in (values.get("error") or "")
            return {**values, "failure": "diverged" if diverged else "other"}
        return values


Versions = dict[Word, Word]  # of Python, torch and whatever else decides the last bits


class Import(BaseModel):
    """Where a run came from that was trained elsewhere (`export/run_zip/`)."""

    at: Time  # when it came
    exported: Time  # when its file was written
    version: Word  # of the program that wrote it
    file: Word  # what the file was called


class Record(BaseModel):
    """What a run is: `config.json`."""

    config: TrainConfig
    created: Time
    name: Name = ""
    parent: Identifier | None = None  # the run whose weights it started from
    parent_epoch: Epoch | None = None  # and after how many epochs, of a run with changes
    changes: Changes = Field((), max_length=MOST)  # that were made to those weights (`jobs/changed_run.py`)
    sweep: Identifier | None = None  # the sweep that it belongs to (`sweeps/sweep.py`)
    trial: Count | None = None  # which of the sweep's trials it is; of the winner trained again, the winner's
    threads: int | None = Field(None, ge=0, le=4096)  # what the trainer computed with; resuming takes the same
    device: Word | None = None
    versions: Versions = Field({}, max_length=100)  # what the last session trained with
    # What earlier sessions did, where it was something else.
    earlier_versions: list[Versions] = Field([], max_length=1000)
    data: Word = FINGERPRINT
    imported: Import | None = None  # of a run that came from elsewhere

    @model_validator(mode="after")
    def _changes_are_made_to_something(self) -> Self:
        if self.changes and None in (self.parent, self.parent_epoch):
            raise ValueError("changes are made to a parent after so many epochs, and it names none")
        return self

    @property
    def is_fine_tuned(self) -> bool:
        """Whether it is trained on a person's drawings, from another run's weights (`jobs/finetuning.py`)."""
        return self.parent is not None and not self.changes

    def trained_with(self, versions: dict[str, str], resumed: bool) -> Self:
        """The record of a session with these versions that begins, or goes on with what earlier ones trained."""
        earlier = self.earlier_versions if resumed else []
        if resumed and self.versions not in (versions, *earlier):
            earlier = [*earlier, self.versions]
        return self.model_copy(update={"versions": versions, "earlier_versions": earlier})


def heartbeat() -> dict[str, float]:
    """The fields that say when a status was written."""
    return {"heartbeat": time.time(), "heartbeat_uptime": time.monotonic()}


def silent_seconds(status: Status) -> float:
    """How long ago this status was written; endless where the machine was started again since."""
    if status.heartbeat_uptime is None:  # a version that knew only the clock
        return time.time() - status.heartbeat
    silent = time.monotonic() - status.heartbeat_uptime
    return silent if silent >= 0 else math.inf


def is_renewed(status: Status) -> bool:
    """Whether it was written a short while ago."""
    return silent_seconds(status) < (START_SECONDS if is_untouched(status) else STALE_SECONDS)


def is_elsewhere(status: Status) -> bool:
    """Whether its process is in another container: its id says nothing here."""
    return status.pid_namespace not in (0, namespace())


def is_alive(status: Status) -> bool:
    """Whether the process that writes this status is still at work, or may still come; of one in this container."""
    if not is_renewed(status):
        return False
    if status.pid is None:  # queued by a version that did not say which process has it in hand
        return is_untouched(status)
    return is_running(status.pid, status.process_started or 0)


def is_untouched(status: Status) -> bool:
    """Whether it was queued and its trainer has not reported yet: `pid` is then who has it in hand until that comes."""
    return status.state == "queued" and (status.pid is None or status.heartbeat == status.queued_at)


def share_of_limit(record: Record, images_per_second: float) -> float | None:
    """What part of the limit a training at this speed uses, 0 to 1; None where nothing comparable is measured.

    Its network's operations (`network_size`) are products and sums in convolutions and linear layers; what else a step
    does (pooling, normalisation, the optimizer) counts as time lost.
    """
    fastest = limit()
    if fastest is None or record.device != "cpu" or record.config.precision != "float32":
        return None
    return images_per_second * record.config.network_size.flops / fastest
