"""What a report says of one run, read from its files, and its answers given once more to check them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mnist_core.comparison import entry
from mnist_core.comparison.entry import Entry
from mnist_core.comparison.several import MOST, distinct
from mnist_core.errors import RequestError
from mnist_core.evaluation import calibration, robustness
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.evaluation.calibration import Fit
from mnist_core.evaluation.statistics import plural
from mnist_core.export.written import Check, check
from mnist_core.runs.logs.metrics import Curves
from mnist_core.runs.records import Record, Status
from mnist_core.runs.run import Run, answering_epoch


@dataclass(frozen=True)
class Facts:
    """One run, after the epoch that answers."""

    run: Run
    called: str  # what it is called among those of the report
    epoch: int
    record: Record
    status: Status
    curves: Curves
    events: Sequence[dict[str, Any]]
    answers: Answers
    check: Check  # the trainer's answers, which the figures are of, against the weights' own
    fit: Fit | None
    robustness: robustness.Curves | None  # None: it has not been computed

    @cached_property
    def entry(self) -> Entry:
        """The run as a table lists it."""
        return entry.read(self.run)


def gather(runs: Sequence[Run]) -> list[Facts]:
    """What there is to say of each of these runs.

    Raises RequestError for more than `comparison.several.MOST`, for a run twice, and as `answering_epoch`; DamagedError
    where files are damaged.
    """
    if len(set(runs)) < len(runs) or len(runs) > MOST:
        raise RequestError(f"Name 1 to {MOST} different runs for a report; {plural(len(runs), 'run')} came.")
    names = distinct({run.id: run.name() for run in runs})
    return [_of(run, names[run.id]) for run in runs]


def _of(run: Run, called: str) -> Facts:
    epoch = answering_epoch(run)
    answers, again = answers_of(run, epoch), answers_of(run, epoch, recompute=True)
    return Facts(
        run,
        called,
        epoch,
        run.record(),
        run.status(),
        Curves(run.metrics()[0]),
        run.events(),
        answers,
        check(again.probabilities, answers.probabilities),
        calibration.fitted(run, epoch),
        robustness.ANALYSIS.load(run, epoch),
    )
