"""A run as one HTML file."""

from pathlib import Path

import numpy as np

from mnist_core.config.networks import NETWORKS
from mnist_core.data.mnist import load_arrays
from mnist_core.evaluation import calibration
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.evaluation.statistics import accuracy_sentence, plural
from mnist_core.export.about import moment, shortcoming
from mnist_core.export.html import packing
from mnist_core.export.html.packing import BITS, Packed
from mnist_core.export.html.page import build
from mnist_core.export.html.program import Program, describe, of_run
from mnist_core.export.new_file import refuse_existing, write_new
from mnist_core.export.written import Check, Written, check
from mnist_core.runs.run import Run, answering_epoch
from mnist_core.system.program import VERSION


def refuse_missing(target: str) -> None:
    """Raises RequestError where something is at `target` already."""
    refuse_existing(Path(target))


def write(run: Run, target: str) -> Written:
    """Write the page that answers as the run's answering epoch does, with its temperature where one is fitted.

    Raises RequestError as `refuse_missing`, and where no weights are saved yet; DamagedError where they are damaged.
    """
    from mnist_core.drawing.rejection import detector
    from mnist_core.models.inference import load_network

    path = Path(target)
    refuse_existing(path)
    epoch = answering_epoch(run)
    fit = calibration.fitted(run, epoch)
    answers = answers_of(run, epoch)
    network = load_network(run, epoch)
    program = of_run(run.record().config.model, network, fit.temperature if fit else None)
    packed, checked = pack_checked(program, answers)
    no_digit = describe(list(detector()))
    about = _about(run, epoch, answers, fit, packed, checked)
    content = build((program, packed), (no_digit, packing.pack(no_digit, 8)), about)
    write_new(path, content)
    sentence = f"Open {path} in a browser, on this or any other machine ({len(content) / 1000:,.0f} kB)."
    return Written((path,), sentence, checked)


def pack_checked(program: Program, answers: Answers) -> tuple[Packed, Check]:
    """The weights in the fewest bits under which all answers to the test digits stay the same, and how they differ."""
    from mnist_core.export.html.simulation import log_probabilities

    images = load_arrays("test").images
    ours = _probabilities(program, answers.log_probabilities)
    for bits in BITS:
        packed = packing.pack(program, bits)
        theirs = log_probabilities(program.described, packing.unpack(packed), images)
        checked = check(ours, _probabilities(program, theirs))
        if not checked.different:
            break
    return packed, checked


def _probabilities(program: Program, log_probabilities: np.ndarray) -> np.ndarray:
    temperature = program.described["temperature"]
    return np.exp(calibration.scale(log_probabilities, temperature) if temperature else log_probabilities)


def _about(
    run: Run, epoch: int, answers: Answers, fit: calibration.Fit | None, packed: Packed, checked: Check
) -> list[str]:
    """What the page says of itself."""
    record = run.record()
    title, parameters = NETWORKS[record.config.model].title, record.config.network_size.parameters
    name = f"{run.name()} ({run.id})" if run.name() else run.id
    sentences = [
        f"Network: {title}, {parameters:,} parameters, of the run {name} {moment(epoch, record)}. "
        f"Right: {accuracy_sentence(answers.correct, len(answers))}.",
        f"{checked.sentence} These answers were computed with PyTorch from the weights in this file, "
        f"which have {packed.bits} bits each; tests hold the page's own arithmetic to PyTorch's.",
        "It reads one digit at a time. It can be wrong, and a warning can be wrong as well.",
        f"Trained on MNIST (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0). Made with MNIST lab {VERSION}.",
    ]
    if fit is not None:
        fitted = f"temperature {fit.temperature:.2f}, fitted on {plural(fit.n, 'held-out digit')}"
        sentences.insert(1, f"Calibrated with {fitted}.")
    if first := shortcoming(run.status(), epoch, bool(record.changes)):
        sentences.insert(0, first)
    return [sentence.replace(" %", "\u00a0%") for sentence in sentences]  # a number and its sign stay on one line
