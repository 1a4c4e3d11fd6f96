"""Ask a trained network: the test split, pictures, its mistakes."""

import csv
import io
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from mnist_core import runs
from mnist_core.cli.options import JsonOption, RunArgument, plural
from mnist_core.evaluation import accuracy_sentence, answers_of, last_epoch, wilson
from mnist_core.files import write_atomically

app = typer.Typer()


@app.command()
def test(run: RunArgument = "best", as_json: JsonOption = False) -> None:
    """Evaluate a run's weights on the 10,000 test digits."""
    chosen = runs.find(run)
    epoch = last_epoch(chosen)
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
    run: Annotated[str, typer.Option(help="An id, a unique beginning of one, `latest` or `best`.")] = "best",
    as_json: JsonOption = False,
) -> None:
    """Say what digit is on each picture."""
    from mnist_core import drawing

    pictures = [drawing.prepare(drawing.read_picture(path)) for path in images]  # refused before torch is imported
    from mnist_core.prediction import load_network, probabilities

    network = load_network(runs.find(run))
    results: list[dict[str, Any]] = []
    for path, prepared in zip(images, pictures, strict=True):
        result: dict[str, Any] = {"path": str(path), "digit": None, "probabilities": None, "warning": None}
        if prepared is None:
            result["warning"] = "The picture is blank: there is no digit on it."
        else:
            result["probabilities"] = probabilities(network, prepared.image[None])[0].tolist()
            result["digit"] = max(range(10), key=result["probabilities"].__getitem__)
        results.append(result)
    if as_json:
        print(json.dumps(results, indent=1))
    else:
        for result in results:
            if result["warning"]:
                print(f"{result['path']}: {result['warning']}")
            else:
                print(f"{result['path']}: {result['digit']} ({max(result['probabilities']):.1%})".replace("%", " %"))


@app.command()
def mistakes(
    run: RunArgument = "best",
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write them here, all ten probabilities too.")] = None,
) -> None:
    """The misclassified test digits, the largest loss first."""
    chosen = runs.find(run)
    answers = answers_of(chosen)
    rows = [
        [i, answers.labels[i], answers.predicted[i], *(f"{p:.6f}" for p in answers.probabilities[i])]
        + [f"{answers.losses[i]:.6f}"]
        for i in answers.mistakes
    ]
    header = ["index", "true", "predicted", *(f"p{digit}" for digit in range(10)), "loss"]
    if csv_file is None:
        print(f"{'index':>5}  true  predicted  probability    loss")
        for i in answers.mistakes:
            print(
                f"{i:>5}  {answers.labels[i]:>4}  {answers.predicted[i]:>9}  {answers.confidence[i]:>11.4f}  "
                f"{answers.losses[i]:>6.3f}"
            )
        print(f"{chosen.id}: {len(rows)} of {len(answers):,} test digits misread.")
        return
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    write_atomically(csv_file, text.getvalue().encode())
    print(f"{chosen.id}: {len(rows)} of {len(answers):,} test digits misread, written to {csv_file}.")
