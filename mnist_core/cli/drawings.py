"""A person's own digits: list them, carry them, test a run on them, train one further on them."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mnist_core.cli.options import JsonOption, NowOption, RunArgument, YesOption, make_sure
from mnist_core.cli.train import train_run
from mnist_core.config.train_config import TrainConfig
from mnist_core.drawing import collection
from mnist_core.drawing.zip_import import MAX_ZIP
from mnist_core.errors import RequestError
from mnist_core.evaluation import answers
from mnist_core.evaluation.statistics import accuracy_sentence, plural, wilson
from mnist_core.jobs import finetuning
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.system.files import load_bytes, write_atomically

app = typer.Typer()


@app.command("drawings")
def list_drawings(
    export: Annotated[Path | None, typer.Option(help="Write them all into this ZIP file.")] = None,
    add: Annotated[Path | None, typer.Option("--import", help="Add the drawings of this ZIP file.")] = None,
    delete: Annotated[
        str | None, typer.Option(metavar="ID", help="Delete this one; `runs restore ID` brings it back.")
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Your own drawings with their labels, newest first."""
    if delete is not None:
        collection.refuse_unknown(delete)
        make_sure(f"Delete the drawing {delete}?", yes)
        collection.delete(delete)
    if add is not None:
        try:
            content = load_bytes(add, MAX_ZIP)
        except ValueError as error:
            raise RequestError(f"{add} {error}: check the path.") from error
        collection.import_zip(content)
    known = collection.every()
    _say_what_is_left_out()
    if export is not None:
        write_atomically(export, collection.export_zip())
    if as_json:
        listed = [{"id": drawing.id, "label": drawing.label, "time": drawing.note.time} for drawing in known]
        print(json.dumps(listed, indent=1))
    elif not known:
        print("There are no drawings yet: keep one on the Draw page, or import a ZIP file.")
    else:
        for drawing in known:
            print(f"{drawing.id}  {drawing.label}")
        each = ", ".join(f"{digit}: {count}" for digit, count in enumerate(collection.counts()))
        print(f"{plural(len(known), 'drawing')} ({each}).")


def _say_what_is_left_out() -> None:
    if said := collection.left_out():
        print(said, file=sys.stderr)


def test(run: Run, epoch: int, as_json: bool) -> None:
    """Print how many of the drawings `run` gets right."""
    correct, n = answers.score(run, epoch)
    _say_what_is_left_out()
    if n == 0:
        raise RequestError("There are no drawings yet: keep some on the Draw page, or import a ZIP file.")
    if as_json:
        score = {"run": run.id, "epoch": epoch, "correct": correct, "drawings": n, "interval": list(wilson(correct, n))}
        print(json.dumps(score, indent=1))
    else:
        print(f"{run.id} after {plural(epoch, 'epoch')}: {accuracy_sentence(correct, n, 'own drawings')}.")


@app.command()
def finetune(
    run: RunArgument = "best",
    epochs: Annotated[str, typer.Option(metavar="N", help="Passes over the mixture.")] = "1",
    now: NowOption = False,
    as_json: JsonOption = False,
) -> int:
    """Train a run further on MNIST mixed with your own drawings, as a new run; says what it gained and forgot."""
    _say_what_is_left_out()
    new = finetuning.create(store.find(run), TrainConfig.parse({"epochs": epochs}).epochs)
    status = train_run(new, None, now, as_json, quiet=as_json)
    if status == 0:
        outcome = finetuning.outcome(new)
        print(json.dumps(outcome.as_dict(new), indent=1) if as_json else outcome.sentence())
    return status
