"""`fool`: the smallest change of a digit that flips the answer; `adversarial`: what such changes do to the accuracy."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from mnist_core.cli.options import JsonOption, RunArgument
from mnist_core.cli.progress import share_bar
from mnist_core.config.train_config import TEST_SIZE
from mnist_core.data import mnist
from mnist_core.data.picture import png
from mnist_core.errors import RequestError
from mnist_core.evaluation.prediction import predict
from mnist_core.evaluation.statistics import plural, share
from mnist_core.export.new_file import refuse, write_new
from mnist_core.interpretation.fooling import adversarial
from mnist_core.interpretation.fooling.attacks import Method, distance, smallest
from mnist_core.runs import store
from mnist_core.runs.run import Run, answering_epoch
from mnist_core.system.plain_text import harmless, with_article

app = typer.Typer()


@app.command()
def fool(
    run: RunArgument = "best",
    digit: Annotated[int | None, typer.Option(metavar="N", help="Test digit N, 0 to 9999; default 0.")] = None,
    image: Annotated[Path | None, typer.Option(help="Or a picture of one digit: any size, any polarity.")] = None,
    towards: Annotated[int | None, typer.Option(metavar="D", help="What it is to be read as; default any.")] = None,
    method: Annotated[Method, typer.Option(help="Many steps (pgd) or one (fgsm).")] = "pgd",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the changed digit here, a PNG.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The smallest change of a digit's pixels that is found to change the answer, in grey levels of 255."""
    if digit is not None and image is not None:
        raise RequestError("Name a test digit or a picture, not both.")
    if not 0 <= (digit or 0) < TEST_SIZE:
        raise RequestError(f"--digit must be a whole number from 0 to {TEST_SIZE - 1}; {digit} was given.")
    if towards is not None and not 0 <= towards <= 9:
        raise RequestError(f"--towards must be a digit from 0 to 9; {towards} was given.")
    if output is not None:
        refuse(output, ".png")
    before = mnist.load_arrays("test").images[digit or 0] if image is None else _prepared(image)
    chosen = store.find(run)
    epoch = answering_epoch(chosen)
    from mnist_core.models.inference import load_network

    network = load_network(chosen, epoch)
    change = smallest(network, before, method, towards)
    after = before if change is None else change.image
    answers = predict(chosen, epoch, np.stack([before, after]), network)
    if output is not None and change is not None:
        write_new(output, png(after))
    if as_json:
        said: dict[str, object] = {
            "run": chosen.id,
            "epoch": epoch,
            "method": method,
            "digit": int(answers[0].argmax()),
            "probabilities": answers[0].tolist(),
            "found": change is not None,
        }
        if change is not None:
            said |= {
                "size": change.size,
                "distance": distance(before, after),
                "changed_digit": change.digit,
                "changed_probabilities": answers[1].tolist(),
            }
        print(json.dumps(said, indent=1))
        return
    what = "it" if towards is None else with_article(towards)
    read = answers[0].argmax()
    asked = f"{chosen.id} after {plural(epoch, 'epoch')} reads {with_article(read)} ({share(answers[0][read])})"
    if change is None:
        print(f"{asked}; no change was found that makes {what} {'something else' if towards is None else 'of it'}.")
        return
    where = "" if output is None else f" The changed digit is written to {harmless(str(output))}."
    print(
        f"{asked}, and {with_article(change.digit)} ({share(answers[1][change.digit])}) where each pixel may change by "
        f"{plural(change.size, 'grey level')} of 255 (L2 norm {distance(before, after):.2f}); with one less, "
        f"no change was found.{where}"
    )


def adversarial_curves(chosen: Run, after: int, as_json: bool) -> None:
    """How the accuracy falls when test digits are changed on purpose to fool the network."""
    with share_bar("Fooling the network") as report:
        fooled = adversarial.ANALYSIS.load_or_compute(chosen, after, report)
    curves = {method: adversarial.curve(fooled[method]) for method in adversarial.METHODS}
    if as_json:
        said = {
            method: [
                {"size": p.strength, "test_accuracy": p.accuracy, "interval": list(p.interval), "n": p.n}
                for p in its_points
            ]
            for method, its_points in curves.items()
        }
        print(json.dumps({"run": chosen.id, "epoch": after, "methods": said}, indent=1))
        return
    print(
        f"{chosen.id} after {plural(after, 'epoch')}: accuracy where each pixel changes by up to so many of 255 levels"
    )
    for method, its_points in curves.items():
        print(f"\n{adversarial.METHODS[method]}, {its_points[0].n:,} test digits")
        for point in its_points:
            print(f"  {point.strength:>3g}  {share(point.accuracy):>7}  ({point.interval.in_words()})")


def _prepared(path: Path) -> np.ndarray:
    from mnist_core.drawing.picture_files.read import read_picture
    from mnist_core.drawing.prepare import prepare

    prepared = prepare(read_picture(path))
    if prepared is None:
        raise RequestError(f"There is no digit on {path}: choose a picture with one.")
    return prepared.image
