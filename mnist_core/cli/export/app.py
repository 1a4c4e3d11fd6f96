"""`export`: a run in another format."""

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
    """Take a run elsewhere, in one of these formats; whatever answers is checked over the test digits first."""
    chosen = find(form)
    chosen.refuse_missing(output)
    found = store.find(run)
    written = chosen.write(found, output)
    checked = f" {written.check.sentence}" if written.check else ""
    print(harmless(f"{found.id} is written.{checked} {written.sentence}"))
