"""A run's network as an ONNX file that needs nothing around it: grey levels in, the probabilities a person is told out.

Normalisation, the averaging over views and the fitted temperature are inside; any number of digits at once.
"""

import importlib.util
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.data import mnist
from mnist_core.errors import RequestError
from mnist_core.evaluation import calibration
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.export import about
from mnist_core.export.new_file import refuse_existing, write_new
from mnist_core.export.written import Written, check
from mnist_core.runs.run import Run, answering_epoch
from mnist_core.system.program import INSTALLED, VERSION

if TYPE_CHECKING:
    import torch
    from onnx import ModelProto

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
INSTALL = (
    f"This needs {', '.join(PACKAGES[:2])} and {PACKAGES[2]}: "
    f'`pip install "mnist-lab[onnx]"`, or in a clone `pip install {" ".join(PACKAGES)}`.'
)
INPUT, OUTPUT = "images", "probabilities"
BATCH = 1000  # digits asked about at once, when the file is checked


def refuse_missing(target: str) -> None:
    """Raises RequestError where the file `target` is there already, or a package is not installed."""
    refuse_existing(Path(target))
    if any(importlib.util.find_spec(name) is None for name in PACKAGES):
        raise RequestError(INSTALL)


def write(run: Run, target: str) -> Written:
    """Write the network that answers into the file `target`.

    Its input is `images`, uint8 (n, 28, 28), ink bright on black; its output `probabilities`, float32 (n, 10), with the
    temperature where one is fitted. What it is, how good, and how it was checked is in its metadata.

    Raises RequestError as `refuse_missing`, and where no weights are saved yet; DamagedError where they are damaged.
    """
    refuse_missing(target)
    from onnx import checker, helper

    epoch = answering_epoch(run)
    answers, fit = answers_of(run, epoch), calibration.fitted(run, epoch)
    model = convert(run, epoch)
    digits = mnist.load_arrays("test").images
    theirs = ask(model.SerializeToString(), digits)
    found = check(_told(answers, fit), theirs)
    said = about.describe(run, epoch, answers, found.sentence)
    said |= {"input": "uint8 (n, 28, 28): images, not normalised", "output": "float32 (n, 10): probabilities"}
    helper.set_model_props(model, {name: _as_text(value) for name, value in said.items()})
    model.doc_string = f"{run.id}, {said['accuracy']}. {about.DATA}"
    checker.check_model(model, full_check=True)
    content = model.SerializeToString()
    if not np.array_equal(ask(content, digits[:BATCH]), theirs[:BATCH]):
        raise AssertionError("the file answers otherwise than what was checked")
    write_new(Path(target), content)
    return Written((Path(target),), "ONNX Runtime and others run it; docs/export.md has the lines that do.", found)


def convert(run: Run, epoch: int) -> "ModelProto":
    """The network after `epoch` epochs as ONNX, without a word about itself."""
    import torch

    from mnist_core.models.inference import load_network

    fit = calibration.fitted(run, epoch)
    network = answering(load_network(run, epoch), 1.0 if fit is None else fit.temperature)
    two = torch.zeros(2, 28, 28, dtype=torch.uint8)  # of one digit the exporter would make a constant
    with _silence():
        program = torch.onnx.export(
            network,
            (two,),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise AssertionError("the exporter returned nothing")
    model: ModelProto = program.model_proto
    _forget_origin(model)
    model.producer_name, model.producer_version = INSTALLED, VERSION
    model.graph.name = run.record().config.model
    return model


def answering(network: "torch.nn.Module", temperature: float) -> "torch.nn.Module":
    """From uint8 (n, 28, 28) to probabilities (n, 10): `network`, with what `normalise` and `predict` do around it."""
    import torch
    from torch import Tensor

    class Answering(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, images: Tensor) -> Tensor:
            log_probabilities: Tensor = self.network(mnist.normalise(images))
            return (log_probabilities / temperature).softmax(1)

    return Answering().eval()


def ask(content: bytes, images: np.ndarray, batch: int = BATCH) -> np.ndarray:
    """What the ONNX file with this content says to `images`, uint8 (n, 28, 28), `batch` at a time: float32 (n, 10)."""
    asked = session(content)
    parts = [asked.run([OUTPUT], {INPUT: images[at : at + batch]})[0] for at in range(0, len(images), batch)]
    return np.concatenate(parts)


def session(content: bytes, threads: int = 0) -> Any:
    """The file in ONNX Runtime, on the CPU; `threads` 0 is one a core."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _told(answers: Answers, fit: calibration.Fit | None) -> np.ndarray:
    """The probabilities that a person is told, (n, 10)."""
    if fit is None:
        return answers.probabilities
    return np.exp(calibration.scale(answers.log_probabilities, fit.temperature))


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _forget_origin(model: "ModelProto") -> None:
    """Without what the exporter noted on each part: lines of code, and where they lie on this machine."""
    graph = model.graph
    for part in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer, graph, model):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")


@contextmanager
def _silence() -> Iterator[None]:
    """The exporter warns of its own future, and tells of its steps."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
