"""A run as one script in plain PyTorch: `export RUN --format script -o tutorial.py`."""

from pathlib import Path

from mnist_core.export import new_file
from mnist_core.export.script import head
from mnist_core.export.script.prepared import prepare
from mnist_core.export.written import Written
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import harmless

ENDING = ".py"


def refuse_missing(target: str) -> None:
    """Raises RequestError where `target` is no new file that ends in .py."""
    new_file.refuse(Path(target), ENDING)


def write(run: Run, target: str) -> Written:
    """Write the run as a script, and beside it an .npz file where it was trained on digits that are not MNIST's.

    Raises RequestError as `refuse_missing`, and where no weights are saved yet or something is in the digits' place;
    FailedError where the run's files are damaged, or the script does not run here.
    """
    refuse_missing(target)
    path = Path(target)
    found = prepare(run, "script", path)
    text = head.docstring(head.TITLE, usage(path.name), found.words) + found.program.script()
    paths = found.write(path, text.encode())
    return Written(paths, f"`python {path.name}` trains it anew.{found.together}", found.check)


def usage(name: str) -> str:
    """How a script of this name is called."""
    name = harmless(name)
    return (
        f"    python {name}             trains, and saves a checkpoint after each epoch\n"
        f"    python {name} --resume    goes on from the checkpoint, and ends in the same weights"
    )
