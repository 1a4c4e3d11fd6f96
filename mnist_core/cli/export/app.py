"""`export`: a run in another format. `import`: a run that somebody exported as a ZIP file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from mnist_core.cli.options import JsonOption
from mnist_core.cli.report import report
from mnist_core.errors import RequestError
from mnist_core.export.formats import FORMATS, find
from mnist_core.runs import store
from mnist_core.system.plain_text import harmless

app = typer.Typer()
SEVERAL = ", ".join(name for name, form in FORMATS.items() if form.write_several is not None)
PLACES = ", ".join(f"for {name} {form.target}" for name, form in FORMATS.items())


@app.command()
def export(
    form: Annotated[
        str, typer.Option("--format", metavar="NAME", help=f"One of {', '.join(FORMATS)}.", show_default=False)
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="PLACE", help=f"Where to: {PLACES}.", show_default=False)
    ],
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...",
            help=f"An id, a unique beginning of one, `latest`, `best` or `shipped`; several for {SEVERAL}.",
            show_default="best",
        ),
    ] = None,
) -> None:
    """Take a run elsewhere, in one of these formats; whatever answers is checked over the test digits first."""
    chosen = find(form)
    chosen.refuse_missing(output)
    found = list(dict.fromkeys(store.find(run) for run in runs or ["best"]))
    if chosen.refuse_run is not None and len(found) == 1:
        chosen.refuse_run(found[0])
    if len(found) == 1:
        written = chosen.write(found[0], output)
    elif chosen.write_several is not None:
        written = chosen.write_several(found, output)
    else:
        raise RequestError(f"{form} takes one run, and {len(found)} came: write them one after the other.")
    verb = "is" if len(found) == 1 else "are"
    checked = f" {written.check.sentence}" if written.check else ""
    print(harmless(f"{' and '.join(run.id for run in found)} {verb} written.{checked} {written.sentence}"))


@app.command("import")
def import_zip(
    file: Annotated[Path, typer.Argument(metavar="ZIP", help="What `export --format zip` wrote, on any machine.")],
    new_id: Annotated[
        bool, typer.Option("--new-id", help="Beside another run that has its id here, under an id of its own.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take in a run from somebody else: every file is checked, nothing in it is run, and nothing here is replaced."""
    from mnist_core.export.run_zip.unpack import import_run

    done = import_run(file, new_id=new_id)
    if as_json:
        print(json.dumps(report(done.run, done.run.status()) | {"was_here": done.was_here}, indent=1))
    else:
        print(harmless(done.sentence))
