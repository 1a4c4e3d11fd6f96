"""What a kill -9 leaves of a run, at each moment that differs from the one before."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_core.jobs.trainer import worker
from mnist_core.jobs.trainer.run_log import RunLog
from mnist_core.runs.run import Run
from mnist_core.system.files import read_json
from tests.support.tiny_runs import train


def killed_at_every_write(run: Run, epochs: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Train, and copy the run directory after each change to it: what a kill -9 at that moment leaves.

    One checkpoint falls in the middle of the second epoch.
    """
    copies: list[Run] = []

    def copy() -> None:
        copies.append(Run(folder / f"{len(copies):03}" / run.id))
        shutil.copytree(run.path, copies[-1].path)

    def what_counts(run: Run) -> list[Any]:
        status = read_json(run.path / "status.json")
        return [status[name] for name in ("state", "epoch", "test_loss", "weights_hash")]

    replace, log = Path.replace, RunLog._append

    def replace_and_copy(path: Path, target: Path) -> Path:
        replaced = replace(path, target)
        if target.name != "status.json" or what_counts(run) != what_counts(copies[-1]):
            copy()
        return replaced

    def log_and_copy(self: RunLog, position: dict[str, int], **values: float) -> None:
        log(self, position, **values)
        copy()

    copy()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_and_copy)
        patch.setattr(RunLog, "_append", log_and_copy)
        patch.setattr(worker, "CHECKPOINT_SECONDS", 1e9)
        checkpoints: dict[int, Callable[[], object]] = {
            9: lambda: patch.setattr(worker, "CHECKPOINT_SECONDS", -1),
            10: lambda: patch.setattr(worker, "CHECKPOINT_SECONDS", 1e9),
        }
        train(run, epochs, checkpoints)
    return copies
