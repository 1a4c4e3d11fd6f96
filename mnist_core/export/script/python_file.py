"""A run as one script in plain PyTorch: `export RUN --format script -o tutorial.py`."""

import shlex
import sys
from pathlib import Path

from mnist_core.errors import RequestError
from mnist_core.export import new_file
from mnist_core.export.script import head
from mnist_core.export.script.prepared import prepare
from mnist_core.export.written import Written
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import harmless

ENDING = ".py"
# Modules that the programs import, or what they import does: one beside a program would be taken in their place.
IMPORTED = sys.stdlib_module_names | {
    *("torch", "torchvision", "torchgen", "functorch", "numpy", "PIL", "keras", "tensorflow", "jax", "jaxlib"),
    *("triton", "sympy", "mpmath", "networkx", "jinja2", "markupsafe", "filelock", "fsspec", "typing_extensions"),
    *("matplotlib", "mpl_toolkits", "packaging", "pyparsing", "cycler", "kiwisolver", "contourpy", "dateutil", "six"),
    *("fontTools", "setuptools", "scipy", "absl", "rich", "pygments", "namex", "h5py", "optree", "ml_dtypes"),
}


def refuse_missing(target: str) -> None:
    """Raises RequestError where `target` is no new file that ends in .py, or has the name of a module in `IMPORTED`."""
    path = Path(target)
    new_file.refuse(path, ENDING)
    if path.stem in IMPORTED:
        raise RequestError(
            f"{path} would be imported in place of the module {path.stem}, by every program in its folder: "
            f"choose another name, for example my_{path.name}."
        )


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
    return Written(paths, f"`python {typed(path.name)}` trains it anew.{found.together}", found.check)


def typed(name: str) -> str:
    """A file's name as a person types it in a command."""
    return shlex.quote(harmless(name))


def usage(name: str) -> str:
    """How a script of this name is called."""
    name = typed(name)
    return (
        f"    python {name}             trains, and saves a checkpoint after each epoch\n"
        f"    python {name} --resume    goes on from the checkpoint, and ends in the same weights"
    )
