"""The run log: what a trainer keeps of a training: the curve, the events, each epoch's weights, the checkpoint.

The curve and the events are appended to. The checkpoint holds their lengths: a session that goes back to it cuts off
what was written since, and writes it again as it happens again.
"""

import io
import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from mnist_core.evaluation import calibration
from mnist_core.models.checkpoint import save_state, save_weights, weights_hash
from mnist_core.runs.run import Run
from mnist_core.system.files import write_atomically
from mnist_core.training.loop import EpochTest, Training


class RunLog:
    """The files of one run, open while it trains."""

    def __init__(self, run: Run, training: Training) -> None:
        self.run = run
        self.training = training

    def __enter__(self) -> "RunLog":
        self._metrics = (self.run.path / "metrics.jsonl").open("a")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._metrics.close()

    def step(self, loss: float, layers: dict[str, Any] | None = None) -> None:
        """Log an update. Raises FailedError when its loss is no number."""
        training = self.training
        training.check_finite(loss)
        rate = training.optimizer.param_groups[0]["lr"]  # as scheduled for this step
        position = {"step": training.step, "epoch": training.epoch, "samples_seen": training.samples_seen}
        measured = {"layers": layers} if layers else {}
        self._append(position, train_loss=loss, learning_rate=rate, momentum=training.config.momentum, **measured)

    def test(self, tested: EpochTest) -> None:
        """Log a test, and keep the weights and the answers."""
        epoch, test, validation = tested.epoch, tested.test, tested.validation
        save_weights(self.run.weights(epoch), tested.network, self.training.config)
        answers = io.BytesIO()
        np.save(answers, test.log_probabilities.numpy(), allow_pickle=False)
        write_atomically(self.run.test_log_probabilities(epoch), answers.getvalue())
        values = {"test_loss": test.loss, "test_accuracy": test.accuracy}
        if validation is not None:
            values |= {"validation_loss": validation.loss, "validation_accuracy": validation.accuracy}
            if epoch:
                calibration.keep_fit(self.run, epoch, validation.log_probabilities.numpy())
        self._append({"step": tested.step, "epoch": epoch, "samples_seen": tested.samples_seen}, **values)

    def event(self, event: str, **values: Any) -> None:
        """Log a command's effect, or a session's begin or end."""
        row = {"at": time.time(), "step": self.training.step, "event": event, **values}
        with (self.run.path / "events.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def checkpoint(self, **more: Any) -> str:
        """Save everything needed to go on exactly, `more` beside it; returns the weights' hash."""
        os.fsync(self._metrics.fileno())
        state = {
            "training": self.training.state(),
            "epochs": self.training.config.epochs,
            "metrics_bytes": os.fstat(self._metrics.fileno()).st_size,
            "events_bytes": _size(self.run.path / "events.jsonl"),
            **more,
        }
        save_state(self.run.checkpoint, state)
        return weights_hash(self.training.answering)

    def _append(self, position: dict[str, int], **values: Any) -> None:
        self._metrics.write(json.dumps(position | values) + "\n")
        self._metrics.flush()


def cut_back(run: Run, saved: dict[str, Any]) -> None:
    """Drop what was logged after the checkpoint `saved` (empty: there is none): it is about to be logged again."""
    for name in ("metrics", "events"):
        path, size = run.path / f"{name}.jsonl", saved.get(f"{name}_bytes", 0)
        if _size(path) > size:
            write_atomically(path, path.read_bytes()[:size])


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
