"""The formats that `export` writes. To add one: a module with `refuse_missing` and `write`, and a line in `FORMATS`."""

from collections.abc import Callable
from typing import NamedTuple

from mnist_core.errors import RequestError
from mnist_core.export import tensorboard
from mnist_core.export.html import file as html
from mnist_core.export.trackers import mlflow
from mnist_core.export.written import Written
from mnist_core.runs.run import Run


class Format(NamedTuple):
    """One way to take a run elsewhere."""

    title: str  # what it is called
    about: str  # what it is for: a sentence
    target: str  # what `write` takes as the place, for a person
    ending: str | None  # of the file that it writes, ".onnx" for example; "" is a folder, None an address
    refuse_missing: Callable[[str], None]  # raises RequestError where the place is none, or a package is missing
    write: Callable[[Run, str], Written]  # writes the run to the place


FORMATS = {
    "html": Format(
        "One page",
        "A file that reads what is drawn, in any browser, without a network connection: to show, and to give away.",
        "a new file",
        ".html",
        html.refuse_missing,
        html.write,
    ),
    "tensorboard": Format(
        "TensorBoard",
        "Curves, settings and a picture of the mistakes, for those who look at runs there.",
        "a new folder",
        "",
        tensorboard.refuse_missing,
        tensorboard.write,
    ),
    "mlflow": Format(
        "MLflow",
        "Settings, curves and weights, for those who keep their runs there.",
        "its address",
        None,
        mlflow.refuse_missing,
        mlflow.write,
    ),
}


def find(name: str) -> Format:
    """The format of this name. Raises RequestError where there is none."""
    if name not in FORMATS:
        raise RequestError(f"format must be one of {', '.join(FORMATS)}; {name!r} was given.")
    return FORMATS[name]
