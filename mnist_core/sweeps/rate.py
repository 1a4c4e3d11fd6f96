"""The learning-rate finder in a process of its own, for the dashboard: its answer is a file in `cache/`."""

import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from mnist_core.config.sharing import to_query
from mnist_core.config.train_config import TrainConfig
from mnist_core.runs.values import Loss, Rate, Sentence, Share
from mnist_core.system.files import home, load_json, make_folder, write_json
from mnist_core.system.processes import start_command

SILENT_SECONDS = 60.0  # a busy machine takes its time to import torch


class RateAnswer(BaseModel):
    """The file: how far it is, then the points (rate, loss, smoothed loss) with a suggestion, or why there is none."""

    share: Share = 0.0
    points: list[tuple[Rate, Loss, Loss]] = Field([], max_length=5000)
    suggestion: Rate | None = None
    reason: Sentence = ""
    error: Sentence = ""

    @property
    def is_ready(self) -> bool:
        """Whether there is an answer, or an error."""
        return bool(self.points or self.reason or self.error)


def path_of(config: TrainConfig) -> Path:
    """Where the answer for these settings is: the rate, the schedule and the epochs do not matter."""
    return home() / "cache" / f"rate-{_normal(config).hash()}.json"


def read(config: TrainConfig) -> RateAnswer | None:
    """The answer for these settings; None where there is none, it is damaged, or whoever was to write it has gone."""
    path = path_of(config)
    try:
        found = RateAnswer.model_validate(load_json(path))
        is_old = abs(time.time() - path.stat().st_mtime) > SILENT_SECONDS
    except (ValueError, OSError):  # pydantic's ValidationError is a ValueError
        return None
    return None if is_old and not found.is_ready else found


def start(config: TrainConfig) -> None:
    """Find out in a process of its own. Raises FailedError where the folder cannot be written."""
    path = path_of(config)
    make_folder(path.parent)
    write(path, share=0.0)
    given = [f"--{name.replace('_', '-')}={value}" for name, value in to_query(_normal(config)).items()]
    start_command(["tune", "rate", *given, "--output", str(path)], path.with_suffix(".log"))


def write(path: Path, **values: Any) -> None:
    """Replace the answer's file."""
    write_json(path, RateAnswer(**values).model_dump())


def _normal(config: TrainConfig) -> TrainConfig:
    kept = TrainConfig()
    return config.replace(learning_rate=kept.learning_rate, schedule=kept.schedule, epochs=kept.epochs)
