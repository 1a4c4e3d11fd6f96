"""The run log: what a trainer keeps of a training: the curve, the events, each epoch's weights, the checkpoint.

The curve and the events are appended to. The checkpoint holds their lengths: a session that goes back to it cuts off
what was written since, and writes it again as it happens again.
"""

import hashlib
import io
import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from mnist_core.evaluation import calibration
from mnist_core.models.checkpoint import state_bytes, weights_bytes, weights_hash
from mnist_core.runs import manifest
from mnist_core.runs.run import Run
from mnist_core.training.loop import EpochTest, Training


class RunLog:
    """The files of one run, open while it trains."""

    def __init__(self, run: Run, training: Training) -> None:
        self.run = run
        self.training = training

    def __enter__(self) -> "RunLog":
        path = self.run.path / "metrics.jsonl"
        self._metrics = path.open("ab")
        self._written, self._digest = 0, hashlib.sha256()
        self._count(path.read_bytes())
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
        answers = io.BytesIO()
        np.save(answers, test.log_probabilities.numpy(), allow_pickle=False)
        files = {
            self.run.weights(epoch): weights_bytes(tested.network, self.training.config),
            self.run.test_log_probabilities(epoch): answers.getvalue(),
        }
        folder = self.run.path
        manifest.write(folder, {path.relative_to(folder).as_posix(): content for path, content in files.items()})
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
        path = self.run.path / "events.jsonl"
        prefixes = {
            "metrics.jsonl": manifest.Fingerprint(self._written, self._digest.hexdigest()),
            "events.jsonl": manifest.Fingerprint.of(path.read_bytes() if path.exists() else b""),
        }
        state = {
            "training": self.training.state(),
            "epochs": self.training.config.epochs,
            "metrics_bytes": self._written,
            "events_bytes": prefixes["events.jsonl"].size,
            **more,
        }
        manifest.write(self.run.path, {self.run.checkpoint.name: state_bytes(state)}, prefixes)
        return weights_hash(self.training.answering)

    def _append(self, position: dict[str, int], **values: Any) -> None:
        line = (json.dumps(position | values) + "\n").encode()
        self._metrics.write(line)
        self._metrics.flush()
        self._count(line)

    def _count(self, content: bytes) -> None:
        self._written += len(content)
        self._digest.update(content)


def cut_back(run: Run, saved: dict[str, Any]) -> None:
    """Drop what was logged after the checkpoint `saved` (empty: there is none): it is about to be logged again.

    Raises DamagedError where what was logged before it is not what it was.
    """
    cut = {}
    for name in manifest.GROWING:
        manifest.check(run.path / name)
    for name in manifest.GROWING:
        path, size = run.path / name, saved.get(f"{Path(name).stem}_bytes", 0)
        content = path.read_bytes() if path.exists() else b""
        if len(content) > size:
            cut[name] = content[:size]
    if cut:
        manifest.write(run.path, cut, {name: manifest.Fingerprint.of(content) for name, content in cut.items()})
