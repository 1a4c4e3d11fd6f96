"""The run store: list the runs, rename one, note something on one, delete one and bring it back."""

import json
import sys
import time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mnist_core.cli.options import JsonOption, RunArgument, YesOption, make_sure
from mnist_core.cli.report import damaged, report
from mnist_core.errors import DamagedError
from mnist_core.evaluation.statistics import plural, share
from mnist_core.runs import notes, store
from mnist_core.runs.run import Run
from mnist_core.system import trash
from mnist_core.system.program import command

WIDE = 500  # columns where it is no terminal: nothing is cut or broken
app = typer.Typer(help="List the runs, rename, note, delete one or bring it back.", invoke_without_command=True)


@app.callback()
def list_runs(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the runs, newest first."""
    if context.invoked_subcommand:
        return
    known = store.every()
    if as_json:
        print(json.dumps([_document(run) for run in known], indent=1))
        return
    if not known:
        print(f"There is no run yet: train one with `{command()} train`.")
        return
    table = Table(
        "run", "state", "epochs", "test accuracy", "learning rate", "momentum", "batch size", "name", box=None
    )
    for run in known:
        table.add_row(*map(Text, _row(run)))  # Text: what stands in a file is no markup
    table.columns[0].no_wrap = True
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _document(run: Run) -> dict[str, Any]:
    if (why := run.damage()) is not None:
        return damaged(run, why)
    more = {"config": run.record().config.model_dump(), "name": run.name(), "note": run.note(), "damage": None}
    try:
        return report(run, run.status()) | more
    except DamagedError as error:  # its curve
        return damaged(run, str(error))


def _row(run: Run) -> list[str]:
    """What the table says of a run; of a damaged one why, on standard error: it does not hide the others."""
    why = run.damage()
    if why is not None:
        print(f"{run.id}: {why}", file=sys.stderr)
    if not run.is_readable():
        return [run.id, "damaged"]
    config, status = run.record().config, run.status()
    state = status.state if why is None else "damaged"
    accuracy = "" if status.test_accuracy is None else share(status.test_accuracy, 2)
    rates = (f"{config.learning_rate:g}", f"{config.momentum:g}", str(config.batch_size))
    return [run.id, state, f"{status.epoch} of {config.epochs}", accuracy, *rates, run.name()]


@app.command("delete")
def delete_run(
    run: Annotated[str, typer.Argument(help="An id, or a unique beginning of one.")], yes: YesOption = False
) -> None:
    """Move a run with all that is in it into the trash."""
    chosen = store.find(run)
    store.refuse_deletion(chosen)
    make_sure(f"Delete {chosen.id}?", yes)
    store.delete(chosen)
    back = f"`{command()} runs restore {chosen.id}`"
    print(f"{chosen.id} is in the trash for {trash.KEPT_DAYS} days; {back} brings it back.")


@app.command("trash")
def list_trash(
    empty: Annotated[bool, typer.Option("--empty", help="Remove for good all that is in it.")] = False,
    yes: YesOption = False,
) -> None:
    """List the runs and drawings that were deleted, the last one first."""
    known = trash.every()
    if empty:
        make_sure(f"Remove for good what was deleted ({plural(len(known), 'time')})?", yes)
        print(f"The trash is empty: {plural(trash.empty(), 'deletion')} removed for good.")
    elif not known:
        print("The trash is empty.")
    for one in [] if empty else known:
        print(f"{one.id}  {one.kind}  deleted {time.strftime('%Y-%m-%d %H:%M', time.localtime(one.at))}")


@app.command("restore")
def restore(
    deleted: Annotated[str, typer.Argument(metavar="ID", help="Of a run or drawing in the trash.")],
) -> None:
    """Bring a deleted run or drawing back."""
    chosen = trash.find(deleted)
    trash.restore(chosen)
    print(f"{chosen.id} is back.")


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
