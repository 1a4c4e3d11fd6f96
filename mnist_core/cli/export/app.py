"""`export`: a run in the format of another program."""

from typing import Annotated

import typer

from mnist_core.cli.options import RunArgument
from mnist_core.export.formats import FORMATS, find
from mnist_core.runs import store
from mnist_core.system.plain_text import harmless

app = typer.Typer()
PLACES = ", ".join(f"for {name} {form.target}" for name, form in FORMATS.items())


@app.command()
def export(
    form: Annotated[
        str, typer.Option("--format", metavar="NAME", help=f"One of {', '.join(FORMATS)}.", show_default=False)
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="PLACE", help=f"Where to: {PLACES}.", show_default=False)
    ],
    run: RunArgument = "best",
) -> None:
    """Write a run in the format of another program: curves, settings, mistakes."""
    chosen = find(form)
    chosen.refuse_missing(output)
    found = store.find(run)
    print(harmless(f"{found.id} is written. {chosen.write(found, output)}"))
