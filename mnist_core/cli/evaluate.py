"""Ask a trained network: the test split, pictures, its mistakes."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from mnist_core.cli import drawings
from mnist_core.cli.options import JsonOption, RunArgument
from mnist_core.data import mnist
from mnist_core.errors import RequestError
from mnist_core.evaluation import prediction
from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.export import as_csv, as_zip
from mnist_core.evaluation.statistics import accuracy_sentence, plural, share, wilson
from mnist_core.runs import store
from mnist_core.runs.run import answering_epoch
from mnist_core.system.files import write_atomically
from mnist_core.system.plain_text import harmless

if TYPE_CHECKING:
    from mnist_core.drawing.number.partition import Answer
    from mnist_core.drawing.number.symbols import Number
    from mnist_core.drawing.prepare import Prepared

app = typer.Typer()


@app.command()
def test(
    run: RunArgument = "best",
    on_drawings: Annotated[bool, typer.Option("--drawings", help="On your own drawings instead.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a run's weights on the 10,000 test digits."""
    chosen = store.find(run)
    epoch = answering_epoch(chosen)
    if on_drawings:
        drawings.test(chosen, epoch, as_json)
        return
    answers = answers_of(chosen, epoch, recompute=True)
    if as_json:
        report = {
            "run": chosen.id,
            "epoch": epoch,
            "test_loss": answers.loss,
            "test_accuracy": answers.accuracy,
            "interval": list(wilson(answers.correct, len(answers))),
        }
        print(json.dumps(report, indent=1))
    else:
        print(f"{chosen.id} after {plural(epoch, 'epoch')}")
        print(f"Test accuracy {accuracy_sentence(answers.correct, len(answers))}, test loss {answers.loss:.4f}.")


@app.command()
def predict(
    images: Annotated[list[Path], typer.Argument(help="Pictures of one digit each: any size, any polarity.")],
    run: Annotated[str, typer.Option(help="An id, a unique beginning of one, `latest`, `best` or `shipped`.")] = "best",
    number: Annotated[bool, typer.Option("--number", help="Read what stands side by side as one number.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what digit is on each picture, or with --number what number.

    A file that cannot be read takes no other's answer away: it is named at the end, and the exit status is 2.
    """
    from mnist_core.drawing.number.reading import read_number
    from mnist_core.drawing.prepare import prepare

    pictures, refused = _read(images)  # before torch is imported
    chosen = store.find(run)
    epoch = answering_epoch(chosen)
    from mnist_core.models.inference import load_network

    network = load_network(chosen, epoch)

    def answer(digits: np.ndarray) -> np.ndarray:
        return prediction.predict(chosen, epoch, digits, network)

    answered: dict[Path, dict[str, Any]] = {}
    for path, picture in pictures.items():
        try:
            found = _number(read_number(picture, answer)) if number else _digit(prepare(picture), answer)
            answered[path] = {"path": str(path), **found}
        except RequestError as error:  # more than a number can hold
            refused[path] = error
    if as_json:
        told = [answered.get(path) or {"path": str(path), "error": str(refused[path])} for path in images]
        print(json.dumps(told, indent=1))
    for result in [answered[path] for path in images if path in answered and not as_json]:
        said = []
        if number and result["text"]:
            sure = ", ".join(f"{a['digit']}: {share(max(a['probabilities']))}" for a in result["digits"])
            said.append(f"{result['text']} ({sure})" if sure else result["text"])
        elif not number and result["digit"] is not None:
            said.append(f"{result['digit']} ({share(max(result['probabilities']))})")
        said += [result["warning"]] if result["warning"] else []
        print(f"{harmless(result['path'])}: {'. '.join(said)}")
    _tell(refused)


def _read(paths: list[Path]) -> tuple[dict[Path, np.ndarray], dict[Path, RequestError]]:
    """The pictures that can be read, in order, and what is wrong with the others; raises where none can."""
    from mnist_core.drawing.picture_files.read import read_picture

    pictures: dict[Path, np.ndarray] = {}
    refused: dict[Path, RequestError] = {}
    for path in paths:
        if path not in refused:
            try:
                pictures[path] = read_picture(path)
            except RequestError as error:
                refused[path] = error
    if not pictures:
        _tell(refused)
    return pictures, refused


def _tell(refused: dict[Path, RequestError]) -> None:
    """A line for each on standard error; the last is raised, and ends the command."""
    errors = list(refused.values())
    for error in errors[:-1]:
        print(harmless(str(error)), file=sys.stderr)
    if errors:
        raise errors[-1]


def _digit(prepared: "Prepared | None", answer: "Answer") -> dict[str, Any]:
    from mnist_core.drawing.rejection import warning

    if prepared is None:
        return {"digit": None, "probabilities": None, "warning": warning(None)}
    ten = answer(prepared.image[None])[0]
    return _answer(ten, warning(prepared, ten))


def _number(read: "Number") -> dict[str, Any]:
    """The digits alone, `number`, and with the marks between them, `text` and `symbols`, where empty cells are ""."""
    digits = [_answer(one.probabilities, one.warning) for one in read.symbols if one.probabilities is not None]
    symbols = [symbol.text for symbol in read.symbols]
    return {
        "number": read.digits or None,
        "text": read.text or None,
        "symbols": symbols,
        "digits": digits,
        "warning": read.warning,
    }


def _answer(ten: np.ndarray, warning: str | None) -> dict[str, Any]:
    return {"digit": int(ten.argmax()), "probabilities": ten.tolist(), "warning": warning}


@app.command()
def mistakes(
    run: RunArgument = "best",
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write them here, all ten probabilities too.")] = None,
    zip_file: Annotated[
        Path | None, typer.Option("--zip", help="Write their pictures here, as PNG named index-true-predicted.")
    ] = None,
) -> None:
    """The misclassified test digits, the largest loss first."""
    chosen = store.find(run)
    answers = answers_of(chosen)
    written: list[str] = []
    if csv_file is not None:
        write_atomically(csv_file, as_csv(answers, answers.mistakes))
        written.append(str(csv_file))
    if zip_file is not None:
        write_atomically(zip_file, as_zip(answers, answers.mistakes, mnist.load_arrays("test").images))
        written.append(str(zip_file))
    if not written:
        print(f"{'index':>5}  true  predicted  probability    loss")
        for i in answers.mistakes:
            print(
                f"{i:>5}  {answers.labels[i]:>4}  {answers.predicted[i]:>9}  {answers.confidence[i]:>11.4f}  "
                f"{answers.losses[i]:>6.3f}"
            )
    where = f", written to {harmless(' and '.join(written))}" if written else ""
    print(f"{chosen.id}: {len(answers.mistakes)} of {len(answers):,} test digits wrong{where}.")
