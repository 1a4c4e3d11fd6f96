"""The run store: list the runs, name, note, tag or keep one, delete one and bring it back."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mnist_core.cli.options import JsonOption, RunArgument, YesOption, make_sure
from mnist_core.cli.report import damaged, report
from mnist_core.comparison import index, selection
from mnist_core.comparison.csv_file import as_csv
from mnist_core.comparison.entry import Entry, differing
from mnist_core.errors import DamagedError
from mnist_core.evaluation.statistics import Interval, between, plural, share
from mnist_core.runs import notes, store
from mnist_core.system import trash
from mnist_core.system.files import write_atomically
from mnist_core.system.program import command

WIDE = 500  # columns where it is no terminal: nothing is cut or broken
app = typer.Typer(help="List the runs; name, note, tag, keep, delete one.", invoke_without_command=True)


@app.callback()
def list_runs(
    context: typer.Context,
    as_json: JsonOption = False,
    sort: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="By this value or setting, the smallest first; -NAME: the largest first.",
        ),
    ] = "-created",
    only: Annotated[
        str,
        typer.Option(
            "--filter", metavar="TEXT", help=f"Words of name, note or tags, and comparisons: `{selection.EXAMPLE}`."
        ),
    ] = "",
    csv: Annotated[Path | None, typer.Option(help="Write a CSV file with every value of these runs instead.")] = None,
) -> None:
    """List the runs, newest first."""
    if context.invoked_subcommand:
        return
    every = index.entries()
    known = selection.matching(every, only)
    known = known if sort == "-created" else selection.ordered(known, sort)  # the index is in this order
    if csv is not None:
        write_atomically(csv, as_csv(known))
    if as_json:
        print(json.dumps([_document(entry) for entry in known], indent=1))
    elif csv is not None:
        print(f"{plural(len(known), 'run')} written to {csv}.")
    elif not every:
        print(f"There is no run yet: train one with `{command()} train`.")
    elif not known:
        print(f"None of the {plural(len(every), 'run')} fits the filter {only!r}.")
    else:
        _print_table(known)


def _document(entry: Entry) -> dict[str, Any]:
    best = entry.best._asdict() if entry.best else None
    run, noted = entry.where, {"tags": list(entry.tags), "kept": entry.kept, "best": best}
    if (why := run.damage()) is not None:
        return damaged(run, why) | noted
    record = run.record()
    about = {"config": record.config.model_dump(), "name": run.name(), "note": run.note(), "damage": None}
    about |= {"parent": record.parent, "changes": entry.changes or None}
    about["imported"] = record.imported.model_dump() if record.imported else None
    try:
        return report(run, run.status()) | about | noted
    except DamagedError as error:  # its curve
        return damaged(run, str(error)) | noted


def _print_table(known: Sequence[Entry]) -> None:
    """What the runs are, the settings in which they differ, and how good they became; why one is damaged goes to
    standard error: it does not hide the others."""
    apart = [name for name in differing(known) if name != "epochs"]  # they stand in every row
    heads = ["run", "state", "epochs", "test accuracy (95 %)", "best validation (95 %)", "test then", "seconds"]
    table = Table(*heads, *(name.replace("_", " ") for name in apart), "name", "tags", box=None)
    for entry in known:
        if entry.damage is not None:
            print(f"{entry.run}: {entry.damage}", file=sys.stderr)
        if entry.created is None:
            table.add_row(entry.run, entry.state)
            continue
        best = entry.best
        cells = [
            entry.run,
            entry.state,
            f"{entry.epoch or 0} of {entry.settings['epochs']}",
            _with_interval(entry.test_accuracy, entry.test_interval()),
            _with_interval(best.validation_accuracy, entry.validation_interval(best.validation_accuracy))
            if best
            else "",
            share(best.test_accuracy, 2) if best and best.test_accuracy is not None else "",
            f"{entry.train_seconds:.1f}" if entry.train_seconds else "",
            *(f"{value:g}" if isinstance(value := entry.settings[name], float) else str(value) for name in apart),
            entry.name,
            ", ".join([*entry.tags, *(["kept"] if entry.kept else []), *(["imported"] if entry.imported else [])]),
        ]
        table.add_row(*map(Text, cells))  # Text: what stands in a file is no markup
    table.columns[0].no_wrap = True
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _with_interval(accuracy: float | None, interval: Interval | None) -> str:
    if accuracy is None:
        return ""
    return share(accuracy, 2) + (f" ({between(interval)})" if interval else "")


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
    """List the runs, drawings and sweeps that were deleted, the last one first."""
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
    deleted: Annotated[str, typer.Argument(metavar="ID", help="Of a run, drawing or sweep in the trash.")],
) -> None:
    """Bring a deleted run, drawing or sweep back."""
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


@app.command("tag")
def tag_run(
    run: RunArgument,
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="Tags: words to find runs by.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take these away instead.")] = False,
) -> None:
    """Give a run tags, also while it trains."""
    chosen = store.find(run)
    notes.tag(chosen, remove=words) if remove else notes.tag(chosen, add=words)
    tags = chosen.notes().tags
    print(f"{chosen.id} is tagged {', '.join(tags)}." if tags else f"{chosen.id} has no tags.")


@app.command("keep")
def keep_run(
    run: RunArgument,
    no: Annotated[bool, typer.Option("--no", help="It need not be kept any longer.")] = False,
) -> None:
    """Have a run refuse to be deleted."""
    chosen = store.find(run)
    notes.keep(chosen, not no)
    print(f"{chosen.id} {'may be deleted' if no else 'is kept: it cannot be deleted'}.")
