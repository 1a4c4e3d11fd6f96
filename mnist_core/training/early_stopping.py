"""Early stopping: a training ends where its validation accuracy has not risen for a number of epochs."""

from collections.abc import Iterable, Mapping
from typing import Any

from mnist_core.runs.logs.rows import best_validated
from mnist_core.runs.run import Run

EVENT = "out_of_patience"  # in events.jsonl, with the epoch as `epochs`


class EarlyStopping:
    """Whether a run of this `patience` (0: never) is to end, by its tests so far, rows of metrics.jsonl.

    A run that ended so and is gone on with has its patience anew: what counts is the epoch of the last such event.
    """

    def __init__(
        self, patience: int = 0, tests: Iterable[Mapping[str, Any]] = (), events: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        self.patience = patience
        self._tests = list(tests)
        self.ended_at = max((event["epochs"] for event in events if event["event"] == EVENT), default=0)
        self.is_over = False

    def ends_at(self, epoch: int, accuracy: float | None) -> bool:
        """Whether the training ends after `epoch` epochs, with this validation accuracy."""
        if self.patience and accuracy is not None:
            self._tests.append({"epoch": epoch, "validation_accuracy": accuracy})
            best = best_validated(self._tests)
            self.is_over = best is not None and epoch - max(best["epoch"], self.ended_at) >= self.patience
        return self.is_over


def of_run(run: Run, reported_epoch: int, tested_epoch: int) -> EarlyStopping:
    """That of a run which is taken up where `tested_epoch` epochs are tested, by its files.

    One that was killed between its end and the report of it has nothing left to do but that report.
    """
    found = EarlyStopping(run.record().config.patience, run.metrics()[0], run.events())
    found.is_over = reported_epoch < found.ended_at == tested_epoch
    return found
