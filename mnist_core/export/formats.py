"""The formats that `export` writes. To add one: a module with `refuse_missing` and `write`, and a line in `FORMATS`."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mnist_core.errors import RequestError
from mnist_core.export import onnx, tensorboard, weights
from mnist_core.export.html import file as html
from mnist_core.export.keras import model_file
from mnist_core.export.report import write as report
from mnist_core.export.run_zip import pack
from mnist_core.export.script import four_files, notebook, python_file
from mnist_core.export.script.recipe import refuse_changed
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
    write_several: Callable[[Sequence[Run], str], Written] | None = None  # several runs together; None: it cannot
    refuse_run: Callable[[Run], None] | None = None  # raises RequestError for a run that it is not for; None: for all


FORMATS = {
    "script": Format(
        "Python script",
        "The training in plain PyTorch, with this run's settings. Its first lines say what it ends in.",
        "a new .py file",
        python_file.ENDING,
        python_file.refuse_missing,
        python_file.write,
        refuse_run=refuse_changed,
    ),
    "notebook": Format(
        "Notebook",
        "The training in plain PyTorch, as a notebook with short explanations between the cells.",
        "a new .ipynb file",
        notebook.ENDING,
        notebook.refuse_missing,
        notebook.write,
        refuse_run=refuse_changed,
    ),
    "scripts": Format(
        "Four small scripts",
        "The training in plain PyTorch: download.py, model.py, train.py and test.py; for the network of three layers.",
        "a new folder",
        "",
        four_files.refuse_missing,
        four_files.write,
        refuse_run=four_files.refuse_run,
    ),
    "keras": Format(
        "Keras",
        "The model as Keras 3 loads it, and a script that trains it with Keras on PyTorch, JAX or TensorFlow.",
        "a new .keras file",
        model_file.ENDING,
        model_file.refuse_missing,
        model_file.write,
    ),
    "onnx": Format(
        "ONNX",
        "The network from grey levels to probabilities, for ONNX Runtime in any language.",
        "a new file",
        ".onnx",
        onnx.refuse_missing,
        onnx.write,
    ),
    "html": Format(
        "One page",
        "A file that reads what is drawn, in any browser, without a network connection: to show, and to give away.",
        "a new file",
        ".html",
        html.refuse_missing,
        html.write,
    ),
    "report": Format(
        "Report",
        "Settings, curves, mistakes and how to repeat it, on one page: to read, to print and to hand in.",
        "a new file",
        report.ENDING,
        report.refuse_missing,
        report.write,
        report.write_several,
    ),
    "zip": Format(
        "The run itself (ZIP)",
        "To give to somebody else: imported there it can be asked, compared, verified and trained on.",
        "a new file",
        ".zip",
        pack.refuse_missing,
        pack.write,
    ),
    "safetensors": Format(
        "Weights (safetensors)",
        "The numbers alone, in a file that holds no code, for programs in any language.",
        "a new file",
        ".safetensors",
        weights.refuse_missing,
        weights.write_safetensors,
    ),
    "torch": Format(
        "Weights (PyTorch)",
        "The numbers alone, as a state_dict for PyTorch.",
        "a new file",
        ".pt",
        weights.refuse_missing,
        weights.write_torch,
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
