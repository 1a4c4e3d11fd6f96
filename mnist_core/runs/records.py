"""What a run is and what it is doing: config.json and status.json."""

import time
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.download import FINGERPRINT
from mnist_core.errors import FailureKind
from mnist_core.system.hardware import limit
from mnist_core.system.processes import is_running

State = Literal["queued", "running", "paused", "stopped", "finished", "failed", "interrupted"]
ACTIVE: tuple[State, ...] = ("queued", "running", "paused")  # states that need a living process

HEARTBEAT_SECONDS = 0.5  # how often a trainer renews status.json
STALE_SECONDS = 15.0  # a heartbeat older than this is no sign of life
START_SECONDS = 60.0  # a process has this long to come: a busy machine takes its time to import torch


class Status(BaseModel):
    """What a run is doing: `status.json`."""

    model_config = ConfigDict(serialize_by_alias=True)

    state: State
    heartbeat: float  # seconds since the epoch, when its writer last renewed this file
    queued_at: float
    pid: int | None = None
    process_started: float | None = None  # the process's start time: a pid alone may be somebody else's by now
    error: str | None = None  # a sentence for a person
    failure: FailureKind | None = None  # what kind of error that is
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
    commands_handled: int = Field(0, alias="wishes_met")  # number of the last command handled (`commands.py`)
    watch_layers: bool = False  # whether each layer is being measured
    weights_hash: str | None = None  # SHA-256 of the last checkpoint's weights, once at rest

    @model_validator(mode="before")
    @classmethod
    def _failure_of_old_runs(cls, values: Any) -> Any:
        """Runs that failed before `failure` was kept say what happened in a sentence alone."""
        if isinstance(values, dict) and values.get("state") == "failed" and "failure" not in values:
            diverged = "The training diverged" in (values.get("error") or "")
            return {**values, "failure": "diverged" if diverged else "other"}
        return values


class Record(BaseModel):
    """What a run is: `config.json`."""

    config: TrainConfig
    created: float  # seconds since the epoch
    name: str = ""
    parent: str | None = None  # the run whose weights it started from (`jobs/finetuning.py`)
    threads: int | None = None  # what the trainer computed with; resuming takes the same
    device: str | None = None
    versions: dict[str, str] = {}  # what the last session trained with
    earlier_versions: list[dict[str, str]] = []  # what earlier sessions did, where it was something else
    data: str = FINGERPRINT

    def trained_with(self, versions: dict[str, str], resumed: bool) -> Self:
        """The record of a session with these versions that begins, or goes on with what earlier ones trained."""
        earlier = self.earlier_versions if resumed else []
        if resumed and self.versions not in (versions, *earlier):
            earlier = [*earlier, self.versions]
        return self.model_copy(update={"versions": versions, "earlier_versions": earlier})


def is_alive(status: Status) -> bool:
    """Whether the process that writes this status is still at work, or may still come."""
    silence = time.time() - status.heartbeat
    if status.pid is None:  # queued; its process is being started
        return silence < START_SECONDS
    return silence < STALE_SECONDS and is_running(status.pid, status.process_started or 0)


def share_of_limit(record: Record, images_per_second: float) -> float | None:
    """What part of the limit a training at this speed uses, 0 to 1; None where nothing comparable is measured.

    Its network's operations (`NETWORKS`) are products and sums in convolutions and linear layers; what else a step
    does (pooling, normalisation, the optimizer) counts as time lost.
    """
    fastest = limit()
    if fastest is None or record.device != "cpu" or record.config.precision != "float32":
        return None
    return images_per_second * NETWORKS[record.config.model].flops / fastest
