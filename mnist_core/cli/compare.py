"""Compare two runs over the test digits."""

import json
from typing import Annotated, Any

import typer

from mnist_core import runs
from mnist_core.cli.options import JsonOption, plural
from mnist_core.comparison import Comparison
from mnist_core.comparison import compare as compared
from mnist_core.evaluation import Answers, accuracy_sentence, last_epoch, wilson
from mnist_core.runs import Run

app = typer.Typer()


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="An id, a unique beginning of one, `latest` or `best`.")],
    second: Annotated[str, typer.Argument(help="Likewise; fixed and broken digits go from the first to it.")],
    as_json: JsonOption = False,
) -> None:
    """Two runs: differing settings, accuracies, McNemar's exact test, fixed and broken digits."""
    both = [runs.find(selector) for selector in (first, second)]
    epochs = [last_epoch(run) for run in both]
    found = compared(both[0], epochs[0], both[1], epochs[1])
    if as_json:
        print(json.dumps(_document(both, epochs, found), indent=1))
        return
    for name, run, epoch, answers in zip(("First", "Second"), both, epochs, (found.before, found.after), strict=True):
        accuracy = accuracy_sentence(answers.correct, len(answers))
        print(f"{name + ':':7} {run.id} after {plural(epoch, 'epoch')}: test accuracy {accuracy}")
    apart = "; ".join(f"{name} {old} and {new}" for name, (old, new) in found.differing.items())
    print(f"Settings that differ: {apart or 'none'}.")
    low, high = (100 * end for end in found.gain_interval)
    print(f"The second is {100 * found.gain:+.2f} points more accurate (95 % interval {low:+.2f} to {high:+.2f}).")
    print(found.sentence())
    for title, indices in _groups(found).items():
        print(f"{title.replace('_', ' ').capitalize()} ({len(indices)}): {' '.join(map(str, indices)) or 'none'}")


def _groups(found: Comparison) -> dict[str, list[int]]:
    return {
        "fixed": found.fixed.tolist(),
        "broken": found.broken.tolist(),
        "wrong_in_both": found.both_wrong.tolist(),
    }


def _document(both: list[Run], epochs: list[int], found: Comparison) -> dict[str, Any]:
    def told(run: Run, epoch: int, answers: Answers) -> dict[str, Any]:
        interval = list(wilson(answers.correct, len(answers)))
        return {"run": run.id, "epoch": epoch, "test_accuracy": answers.accuracy, "interval": interval}

    return {
        "runs": [told(*one) for one in zip(both, epochs, (found.before, found.after), strict=True)],
        "n": len(found.before),
        "differing": {name: list(values) for name, values in found.differing.items()},
        "difference": found.gain,
        "difference_interval": list(found.gain_interval),
        "p_value": found.p_value,
        "could_be_luck": found.could_be_luck,
        "sentence": found.sentence(),
        **_groups(found),
    }
