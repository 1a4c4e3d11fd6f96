"""A run of the three-layer network as four small scripts: `export RUN --format scripts -o FOLDER`.

They are the script's pieces. Each file gets those of the settings and the imports that it uses first, and imports the
rest from the files before it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import answers_of
from mnist_core.export.folder import new_folder, refuse_full
from mnist_core.export.script import head, network_check
from mnist_core.export.script.assembly import Program
from mnist_core.export.script.beside import beside
from mnist_core.export.script.python_file import usage
from mnist_core.export.script.recipe import Recipe, refuse_changed
from mnist_core.export.script.template import literal
from mnist_core.export.written import Written
from mnist_core.runs.run import Run, answering_epoch

NETWORK = "mlp"
DIGITS = "digits.npz"
_TOGETHER = "download.py, model.py, train.py and test.py belong together."


class File(NamedTuple):
    """One of the four."""

    name: str  # without its ending; its imports are the piece files_NAME
    title: str
    settings: frozenset[str] | None  # those that stand in it; None: all that stand in none of the others
    pieces: tuple[str, ...]


FILES = (
    File(
        "download",
        "MNIST in ./data, as tensors: `python download.py` fetches it.",
        frozenset({"VALIDATION_SIZE", "DIGITS_PER_CLASS", "BESIDE"}),
        ("data", "command_download"),
    ),
    File(
        "model",
        "The network, and what it answers.",
        frozenset({"TEST_BATCH_SIZE", "MEAN"}),
        ("normalise", "network", "testing", "hash"),
    ),
    File(
        "train",
        "Train the network.",
        None,
        ("resample", "augmentation", "rates", "averaging", "training", "plot", "main"),
    ),
    File(
        "test",
        "Test the network that train.py has saved, and show some answers.",
        frozenset(),
        ("examples", "command_test"),
    ),
)


def refuse_missing(target: str) -> None:
    """Raises RequestError where the folder `target` is not empty."""
    refuse_full(Path(target))


def refuse_run(run: Run) -> None:
    """Raises RequestError for a run of another network, and as `recipe.refuse_changed`."""
    refuse_changed(run)
    if run.record().config.model != NETWORK:
        raise RequestError(
            f"{run.id} is of another network: four scripts are there for {NETWORK}. "
            "Take the format `script`, one Python file, which is there for any network."
        )


def write(run: Run, target: str) -> Written:
    """Write the four scripts into the folder `target`, and digits.npz where digits are not MNIST's.

    Raises RequestError as `refuse_missing` and `refuse_run`, and where no weights are saved yet; FailedError where
    the run's files are damaged, or the scripts do not run here.
    """
    refuse_missing(target)
    refuse_run(run)
    recipe, epoch = Recipe.of(run), answering_epoch(run)
    own, digits = answers_of(run, epoch), beside(run)
    program = Program(recipe, "scripts", literal(DIGITS), digits.words if digits else "")
    texts = {file.name: text_of(file, program) for file in FILES}
    checked = network_check.check({"model.py": texts["model"]}, run, epoch, own)
    words = head.paragraphs(run, recipe, epoch, own, checked)
    with new_folder(Path(target)) as folder:
        for file in FILES:
            told = (usage("train.py"), [*words, _TOGETHER]) if file.name == "train" else ("", [])
            text = head.docstring(file.title, *told) + texts[file.name]
            (folder / f"{file.name}.py").write_text(text, encoding="utf-8", newline="\n")
        if digits is not None:
            (folder / DIGITS).write_bytes(digits.content)
    names = [f"{file.name}.py" for file in FILES] + ([DIGITS] if digits else [])
    paths = (Path(target), *(Path(target) / name for name in names))
    return Written(paths, f"In {target}: `python train.py`, and then `python test.py`.", checked)


def text_of(file: File, program: Program) -> str:
    """What a file has below its docstring."""
    elsewhere = frozenset[str]().union(*(other.settings for other in FILES if other.settings is not None))
    settings = [
        text
        for name, text in _statements(program.piece("settings"))
        if (name in file.settings if file.settings is not None else name not in elsewhere)
    ]
    imports = program.piece(f"files_{file.name}")
    bodies = [program.main() if name == "main" else program.piece(name) for name in file.pieces]
    return "\n\n\n".join(filter(None, ["\n\n".join(filter(None, [imports, "\n".join(settings)])), *bodies])) + "\n"


def _statements(code: str) -> Iterator[tuple[str, str]]:
    """The first name that each assignment sets, and its lines with the comments above it."""
    lines, begin = code.split("\n"), 0
    for node in ast.parse(code).body:
        assert isinstance(node, ast.Assign) and node.end_lineno is not None
        first = next(part.id for part in ast.walk(node.targets[0]) if isinstance(part, ast.Name))
        yield first, "\n".join(lines[begin : node.end_lineno])
        begin = node.end_lineno
