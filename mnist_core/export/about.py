"""What an exported file says of itself: which run it is, how good, what it wants to see, and whose the data are."""

from typing import Any

from mnist_core.config.changes import in_words
from mnist_core.config.networks import named
from mnist_core.data.mnist import CLASS_NAMES, MEAN, STD
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.calibration import fitted
from mnist_core.evaluation.statistics import accuracy_sentence, plural, wilson
from mnist_core.runs.records import Record, Status
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import harmless
from mnist_core.system.program import INSTALLED, VERSION

DATA = (
    "Trained on MNIST by Y. LeCun, C. Cortes and C. Burges, which is made available under CC BY-SA 3.0 "
    "(https://creativecommons.org/licenses/by-sa/3.0/)."
)
PICTURES = (
    "28x28 grey levels, 0 paper to 255 ink; the digit is scaled into 20x20 with its aspect kept, and its centre of "
    "mass lies in the middle (docs/export.md)"
)
NORMALISED = f"(x / 255 - {MEAN}) / {STD}"


def moment(epoch: int, record: Record) -> str:
    """When the weights were as they answer: "after 3 epochs", or plainly that they are untrained."""
    if epoch:
        best = ", the best by its validation digits" if record.config.answer_with == "best" else ""
        return f"after {plural(epoch, 'epoch')}{best}"
    if record.changes:
        return f"as it was changed ({in_words(record.changes)}) and not trained since"
    return "before the first update" + ("" if record.parent else " (untrained)")


def failure(status: Status) -> str:
    """Why it failed: a sentence on one line. "" where it did not, or nobody knows."""
    if status.state != "failed" or not status.error:
        return ""
    return harmless(" ".join(status.error.split())).rstrip(".") + "."


def shortcoming(status: Status, epoch: int, was_changed: bool = False) -> str | None:
    """What somebody must know first of a run that failed, or whose network is untrained; None of any other.

    `epoch` is the one that answers; `was_changed` says that the weights of epoch 0 are those of another run, changed.
    """
    untrained = "" if epoch or was_changed else "network is untrained: its weights are those before the first update"
    if status.state == "failed":
        why = failure(status).partition(". ")[0].rstrip(".")  # what comes after it is advice on the next run
        return f"This run failed{f' ({why})' if why else ''}{f', and its {untrained}' if untrained else ''}."
    return f"The {untrained}." if untrained else None


def describe(run: Run, epoch: int, answers: Answers, checked: str) -> dict[str, Any]:
    """Plain values for the head of a file: `answers` are the run's own to the test digits, `checked` a sentence.

    Raises DamagedError where the run's settings or its temperature are damaged.
    """
    fit, config = fitted(run, epoch), run.record().config
    return {
        "program": f"{INSTALLED} {VERSION}",
        "run": run.id,
        "epoch": epoch,
        **named(config.model, config.width),
        "parameters": config.network_size.parameters,
        "class_names": CLASS_NAMES,
        "pictures": PICTURES,
        "normalised": NORMALISED,
        "temperature": None if fit is None else fit.temperature,
        "accuracy": accuracy_sentence(answers.correct, len(answers)),
        "test_digits": len(answers),
        "correct": answers.correct,
        "interval": list(wilson(answers.correct, len(answers))),
        "checked": checked,
        "data": DATA,
    }
