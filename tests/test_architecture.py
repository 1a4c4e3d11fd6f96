"""Imports run one way, pages -> ui -> mnist_core, and inside them in the order below; nothing heavy is imported for
nothing."""

import ast
import importlib
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from mnist_core.system.files import REPOSITORY

# Each folder may import those on the lines above it, and none beside it on its own line.
CORE_ORDER = """
errors
system
config
data
runs
models
drawing
training evaluation
comparison
interpretation jobs
sweeps
plots
export
cli
"""
UI_ORDER = """
access
common
components
export
train mistakes draw compare tune inside
"""
CORE = sorted((REPOSITORY / "mnist_core").rglob("*.py"))
UI = sorted((REPOSITORY / "ui").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it, also under TYPE_CHECKING or in a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports here are absolute"
            found.add(str(node.module).partition(".")[0])
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found |= {str(part.value).partition(".")[0] for part in node.args if isinstance(part, ast.Constant)}
    return found


def test_reader_of_imports_sees_them_all(tmp_path: Path) -> None:
    source = (
        "import os.path as p\ndef f():\n    from streamlit.runtime import x\n    importlib.import_module('ui.frame')\n"
    )
    (tmp_path / "a.py").write_text(source)
    assert imported(tmp_path / "a.py") == {"os", "streamlit", "ui"}


@pytest.mark.parametrize("path", CORE, ids=lambda path: "/".join(path.with_suffix("").parts[-2:]))
def test_core_knows_no_page(path: Path) -> None:
    assert not imported(path) & {"streamlit", "streamlit_drawable_canvas", "streamlit_app", "ui", "pages", "tests"}


@pytest.mark.parametrize("path", UI, ids=lambda path: "/".join(path.with_suffix("").parts[-2:]))
def test_ui_knows_no_page(path: Path) -> None:
    assert not imported(path) & {"pages", "streamlit_app", "tests"}


def imported_modules(path: Path) -> set[str]:
    """The full names that a file imports, anywhere in it: of `from a.b import c` that is a.b.c."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def upward(package: str, order: str, folder: str, imports: set[str]) -> list[str]:
    """Those of `imports` that a file of `package`.`folder` may not have."""
    levels = {name: level for level, line in enumerate(order.split("\n")) for name in line.split()}
    others = [(name, name.split(".")[1]) for name in sorted(imports) if name.startswith(f"{package}.")]
    return [name for name, other in others if other != folder and levels[other] >= levels[folder]]


def test_an_upward_import_is_seen() -> None:
    imports = {"os.path", "mnist_core.jobs.launcher.start", "mnist_core.errors.MnistError", "mnist_core.plots.style"}
    assert upward("mnist_core", CORE_ORDER, "jobs", imports) == ["mnist_core.plots.style"]
    assert upward("mnist_core", CORE_ORDER, "interpretation", imports) == [
        "mnist_core.jobs.launcher.start",
        "mnist_core.plots.style",
    ]


@pytest.mark.parametrize(("package", "order"), [("mnist_core", CORE_ORDER), ("ui", UI_ORDER)], ids=["core", "ui"])
def test_folders_import_in_their_order(package: str, order: str) -> None:
    files = [path for path in (REPOSITORY / package).rglob("*.py") if path.parent != REPOSITORY / package]
    folders = {path: path.relative_to(REPOSITORY / package).parts[0] for path in files}
    assert set(order.split()) - {"errors"} == set(folders.values())
    found = {path: upward(package, order, folder, imported_modules(path)) for path, folder in folders.items()}
    assert {str(path): names for path, names in found.items() if names} == {}


def test_no_files_import_one_another_in_a_circle() -> None:
    files = {".".join(path.relative_to(REPOSITORY).with_suffix("").parts): path for path in [*CORE, *UI]}
    files = {name.removesuffix(".__init__"): path for name, path in files.items()}
    del files["mnist_core"]  # the face: it hands on names of the modules below it
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        for whole in imported_modules(path):
            module = whole if whole in files else whole.rpartition(".")[0]
            if module in files:
                graph.setdefault(name, set()).add(module)
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_only_data_imports_torchvision() -> None:
    sources = [*CORE, *UI, *(REPOSITORY / "pages").glob("*.py"), REPOSITORY / "streamlit_app.py"]
    assert {path.name for path in sources if "torchvision" in imported(path)} == {"download.py"}


# What the modules that change something offer besides: it only reads, or waits.
READS = {
    "jobs.changed_run": set(),
    "jobs.experiments": {"experiment_of", "runs_of", "verdict", "outcome_of", "guesses", "EXPERIMENTS", "Experiment"},
    "jobs.finetuning": {"settings", "outcome", "FEWEST", "Score", "Outcome"},
    "jobs.launcher": {"wait", "refuse_missing_device"},
    "jobs.steering": {"wait"},
    "drawing.collection": {"every", "look", "left_out", "counts", "arrays", "folder", "export_zip", "path", "Drawing"},
    "export.preparation": {"Preparation", "Outcome", "preparations", "missing"},
    "runs.analyses": {"Study", "Analysis"},
    "runs.commands": {"pending"},
    "runs.manifest": {"check", "damaged"},
    "runs.notes": set(),
    "runs.store": {"runs_folder", "every", "shipped", "find", "best_of", "queue"},
    "sweeps.manager": {"status", "look", "wait", "last_words", "SweepStatus", "SweepState"},
    "sweeps.retrain": {"outcome", "config_of", "Outcome", "FreshRun", "SEEDS"},
    "sweeps.sweep": {"every", "find", "sweeps_folder", "Sweep"},
    "sweeps.workers.artifacts": set(),
    "system.processes": set(),
    "system.trash": {"every", "find", "folder", "KEPT_DAYS", "Trashed"},
}
PAGES = [*UI, *(REPOSITORY / "pages").glob("*.py"), REPOSITORY / "streamlit_app.py"]


def changes_in(source: str) -> set[str]:
    """What of the core this uses that is not known to read only; and `start` of a study, whatever it is called."""
    tree, found = ast.parse(source), set()
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("mnist_core"):
            module = str(node.module).removeprefix("mnist_core").removeprefix(".")
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                aliases[alias.asname or alias.name] = whole
                if module in ("", *READS) and alias.name not in READS.get(module, ()):
                    found.add(whole)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("mnist_core")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of = ast.unparse(node.value)
            if (module := aliases.get(of, "")) in READS and node.attr not in READS[module]:
                found.add(f"{module}.{node.attr}")
        elif isinstance(node, ast.Call):
            handed_on = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
            names = {ast.unparse(part) for part in handed_on if isinstance(part, ast.Attribute)}
            found |= {name for name in names if name.endswith((".start", ".load_or_compute"))} - {"changes.start"}
    return found


def test_what_changes_something_is_seen() -> None:
    source = (
        "from mnist_core import start\nfrom mnist_core.jobs import launcher as l\nfrom mnist_core.runs import store\n"
        "from mnist_core.runs.notes import rename\nask(l.stop, run)\nstore.every()\n"
        "st.button('Go', on_click=study.start)\nchanges.start(run)\n"
    )
    assert changes_in(source) == {".start", "jobs.launcher.stop", "runs.notes.rename", "study.start"}


def test_pages_change_nothing_but_through_the_one_module_that_asks_who_it_is() -> None:
    found = {path.name: changes_in(path.read_text()) for path in PAGES if path.name != "changes.py"}
    assert {name: uses for name, uses in found.items() if uses} == {}
    for module, names in READS.items():  # a name that is gone is no longer excused
        assert not [name for name in names if not hasattr(importlib.import_module(f"mnist_core.{module}"), name)]


def loaded_by(*arguments: str) -> set[str]:
    """The top-level packages that `python ARGUMENTS` has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        cwd=REPOSITORY,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_every_core_module_loads_without_streamlit() -> None:
    modules = [
        path.relative_to(REPOSITORY).with_suffix("") for path in CORE if path.stem not in ("__init__", "__main__")
    ]
    names = [".".join(module.parts) for module in modules]
    loaded = loaded_by("-c", "import " + ", ".join(names))
    assert {"mnist_core", "torch"} <= loaded
    assert not loaded & {"streamlit", "ui", "pages", "torchvision"}


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["runs"]], ids=" ".join)
def test_help_and_listing_do_not_pay_for_torch(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_HOME", str(tmp_path))
    loaded = loaded_by("-m", "mnist_core", *arguments)
    assert {"typer", "mnist_core"} <= loaded
    assert not loaded & {"torch", "torchvision", "scipy", "streamlit", "pandas"}
