"""The formats that `export` writes. To add one: a module with `refuse_missing` and `write`, and a line in `FORMATS`."""

from collections.abc import Callable
from typing import NamedTuple

from mnist_core.errors import RequestError
from mnist_core.export import mlflow, tensorboard
from mnist_core.runs.run import Run


class Format(NamedTuple):
    """One way to hand a run to another program."""

    program: str  # whose format it is
    target: str  # what `write` takes as the place, for a person
    refuse_missing: Callable[[str], None]  # raises RequestError where the place is none, or a package is missing
    write: Callable[[Run, str], str]  # writes the run to the place; returns a sentence that says how to look at it


FORMATS = {
    "tensorboard": Format("TensorBoard", "a new folder", tensorboard.refuse_missing, tensorboard.write),
    "mlflow": Format("MLflow", "its address", mlflow.refuse_missing, mlflow.write),
}


def find(name: str) -> Format:
    """The format of this name. Raises RequestError where there is none."""
    if name not in FORMATS:
        raise RequestError(f"format must be one of {', '.join(FORMATS)}; {name!r} was given.")
    return FORMATS[name]
