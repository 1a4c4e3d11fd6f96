"""The run store: list the runs, rename one, note something on one, delete one."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mnist_core.cli.options import JsonOption, RunArgument
from mnist_core.cli.report import report
from mnist_core.errors import FailedError
from mnist_core.evaluation.statistics import share
from mnist_core.runs import notes, store
from mnist_core.system.program import command

app = typer.Typer(help="List the runs, rename, note, or delete one.", invoke_without_command=True)


@app.callback()
def list_runs(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the runs, newest first."""
    if context.invoked_subcommand:
        return
    listed = []
    for run in store.every():
        try:
            listed.append((run, run.record(), run.status()))
        except FailedError as error:  # a damaged run does not hide the others
            print(error, file=sys.stderr)
    if as_json:
        print(
            json.dumps(
                [
                    report(run, status) | {"config": record.config.model_dump(), "name": run.name(), "note": run.note()}
                    for run, record, status in listed
                ],
                indent=1,
            )
        )
        return
    if not listed:
        print(f"There is no run yet: train one with `{command()} train`.")
        return
    table = Table(
        "run", "state", "epochs", "test accuracy", "learning rate", "momentum", "batch size", "name", box=None
    )
    for run, record, status in listed:
        accuracy = "" if status.test_accuracy is None else share(status.test_accuracy, 2)
        c = record.config
        epochs = f"{status.epoch} of {c.epochs}"
        rates = (f"{c.learning_rate:g}", f"{c.momentum:g}", str(c.batch_size))
        table.add_row(run.id, status.state, epochs, accuracy, *rates, run.name())
    Console(width=None if sys.stdout.isatty() else 120).print(table)


@app.command("delete")
def delete_run(run: Annotated[str, typer.Argument(help="An id, or a unique beginning of one.")]) -> None:
    """Delete a run and all that is in it."""
    chosen = store.find(run)
    store.delete(chosen)
    print(f"{chosen.id} is deleted.")


@app.command("rename")
def rename_run(
    run: RunArgument,
    name: Annotated[str, typer.Argument(help="What to call it; an empty name takes its name away.")],
) -> None:
    """Give a run a name, also while it trains."""
    chosen = store.find(run)
    notes.rename(chosen, name)
    print(f"{chosen.id} is called {chosen.name()!r}." if chosen.name() else f"{chosen.id} has no name.")


@app.command("note")
def note_run(run: RunArgument, text: Annotated[str, typer.Argument(help="Kept instead of the note before.")]) -> None:
    """Write a note on a run, also while it trains."""
    chosen = store.find(run)
    notes.write_note(chosen, text)
    print(f"Noted on {chosen.id}.")
