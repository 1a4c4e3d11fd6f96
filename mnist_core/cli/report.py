"""What is printed of a run: its JSON document, and its outcome in one sentence."""

from typing import Any

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.evaluation.statistics import accuracy_sentence, plural, wilson
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run


def report(run: Run, status: Status) -> dict[str, Any]:
    """The keys are the names of metrics.jsonl; see `train --json` in README.md."""
    rows, _ = run.metrics()
    losses = [row["train_loss"] for row in rows if "train_loss" in row]
    tested = status.test_accuracy is not None
    return {
        "run": run.id,
        "state": status.state,
        "epoch": status.epoch,
        "step": status.step,
        "samples_seen": status.samples_seen,
        "train_loss": losses[-1] if losses else None,
        "test_loss": status.test_loss,
        "test_accuracy": status.test_accuracy,
        "interval": list(wilson(_correct(status), TEST_SIZE)) if tested else None,
        "train_seconds": status.train_seconds,
        "weights_hash": status.weights_hash,
    }


_KEYS = (
    "run",
    "state",
    "epoch",
    "step",
    "samples_seen",
    "train_loss",
    "test_loss",
    "test_accuracy",
    "interval",
    "train_seconds",
    "weights_hash",
)


def damaged(run: Run, why: str) -> dict[str, Any]:
    """The same keys for a run that cannot be read, with the reason; what is not known is null."""
    return dict.fromkeys(_KEYS) | {
        "run": run.id,
        "state": "damaged",
        "config": None,
        "name": "",
        "note": "",
        "damage": why,
        "imported": None,
        "parent": None,
        "changes": None,
    }


def outcome(run: Run, status: Status) -> str:
    """One sentence for a person."""
    if status.state != "finished":
        return f"{status.state.capitalize()} after {status.step:,} steps: `resume {run.id}` goes on from there."
    early = ""
    if status.epoch < (config := run.record().config).epochs:
        early = f" It ended early: the validation accuracy did not rise for {plural(config.patience, 'epoch')}."
    return (
        f"Test accuracy {accuracy_sentence(_correct(status), TEST_SIZE)}, test loss {status.test_loss:.4f}, "
        f"{plural(status.epoch, 'epoch')} in {status.train_seconds:.1f} s.{early}"
    )


def _correct(status: Status) -> int:
    return round((status.test_accuracy or 0) * TEST_SIZE)
