"""A run as a notebook: `export RUN --format notebook -o tutorial.ipynb`. Its cells are the script's parts."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from mnist_core.errors import RequestError
from mnist_core.export import new_file
from mnist_core.export.script import head
from mnist_core.export.script.assembly import DEFINITIONS, STEPS
from mnist_core.export.script.prepared import Prepared, prepare
from mnist_core.export.written import Written
from mnist_core.runs.run import Run

ENDING = ".ipynb"
INSTALL = 'This needs nbformat: `pip install "mnist-lab[notebook]"`, or in a clone `pip install nbformat`.'


def refuse_missing(target: str) -> None:
    """Raises RequestError where `target` is no new file that ends in .ipynb, or the package is not installed."""
    new_file.refuse(Path(target), ENDING)
    if importlib.util.find_spec("nbformat") is None:
        raise RequestError(INSTALL)


def write(run: Run, target: str) -> Written:
    """Write the run as a notebook, and beside it an .npz file as the script's. Raises as that, and `refuse_missing`."""
    refuse_missing(target)
    import nbformat
    from nbformat import v4

    path = Path(target)
    found = prepare(run, "notebook", path)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = v4.new_notebook(metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    for number, (kind, source) in enumerate(_cells(found)):
        if kind == "code":
            book.cells.append(v4.new_code_cell(source, id=f"cell-{number}"))
        else:
            book.cells.append(v4.new_markdown_cell(source, id=f"cell-{number}"))
    nbformat.validate(book)
    paths = found.write(path, nbformat.writes(book).encode() + b"\n")
    sentence = f"Open it in Jupyter, VS Code or a like, and run all cells.{found.together}"
    return Written(paths, sentence, found.check)


def _cells(found: Prepared) -> Iterator[tuple[str, str]]:
    """Kind and text of each."""
    again = "Run all cells to train. `resume = True` below goes on from the checkpoint, to the same weights."
    yield "markdown", head.markdown(head.TITLE, [again, *found.words])
    for part in (*DEFINITIONS, *STEPS):
        if code := found.program.code(part):
            yield "markdown", f"## {part.title}\n\n{part.words}"
            yield "code", code
