"""Run folders made by hand."""

import io
import time
from typing import Any

import numpy as np

from mnist_core.config.train_config import TrainConfig
from mnist_core.runs import manifest
from mnist_core.runs.records import Status, heartbeat
from mnist_core.runs.run import Run
from mnist_core.runs.store import create, write_status
from mnist_core.system.processes import identity


def add(run_id: str, state: str = "finished", **values: Any) -> Run:
    """A run under an id of one's choice."""
    run = create(TrainConfig())
    run = Run(run.path.rename(run.path.with_name(run_id)))
    status: dict[str, Any] = {"state": state, "heartbeat": time.time(), "queued_at": 0.0, **values}
    write_status(run, Status(**status))
    return run


def save_answers(run: Run, epoch: int, log_probabilities: np.ndarray) -> None:
    """As the trainer keeps them."""
    np.save(content := io.BytesIO(), log_probabilities)
    manifest.replace(run.test_log_probabilities(epoch), content.getvalue())


def of_this_process(**changes: Any) -> dict[str, Any]:
    """The fields of a status that this process has just written."""
    return {**heartbeat(), **identity(), **changes}
