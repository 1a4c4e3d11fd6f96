"""README and docs/ against the code: every command, file, module, preset and field in them exists, none is missing."""

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from benchmarks.__main__ import NAMES
from mnist_core.cli.app import app
from mnist_core.config.presets import PRESETS
from mnist_core.config.train_config import TrainConfig
from mnist_core.runs.records import Record, Status
from mnist_core.system.files import REPOSITORY

README = REPOSITORY / "README.md"
PAGES = [
    README,
    *sorted((REPOSITORY / "docs").glob("*.md")),
    *(REPOSITORY / f"{d}/README.md" for d in ("data", "shipped")),
]
COMMAND_LINE = REPOSITORY / "docs" / "command-line.md"
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))

# A path that is made by the program or fetched by a person, or a pattern: named in the docs, in no clone.
_NOT_IN_A_CLONE = (
    "runs/",
    "sweeps/",
    "drawings/",
    "trash/",
    "cache/",
    "data/handwriting/",
    "epochs/",
    ".streamlit/secrets.toml",
)
_PATH = re.compile(r"(?<![\w./-])[\w.-]+(?:/[\w.-]+)*(?:/|\.(?:py|md|toml|txt|sh|png))(?![\w/*<-])")


def commands() -> dict[str, set[str]]:
    """Every command, `runs rename` too, with its options."""

    def walk(command: Any, name: str) -> dict[str, set[str]]:
        own = {name: {option for parameter in command.params for option in parameter.opts if option.startswith("-")}}
        if not getattr(command, "invoke_without_command", True):  # `tune` alone is no command
            own = {}
        for inner, below in getattr(command, "commands", {}).items():
            own |= walk(below, f"{name} {inner}".strip())
        return own

    return walk(typer.main.get_command(app), "")


def named_commands(text: str) -> list[tuple[str, list[str]]]:
    """The commands of the command line in a text's code blocks, each with its options."""
    found = []
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if not re.match(r"(python -m mnist_core|mnist-lab) ", line):
                continue
            words = shlex.split(line, comments=True)
            words = words[3:] if words[0] == "python" else words[1:]
            name = " ".join(words[:2]) if " ".join(words[:2]) in commands() else words[0]
            found.append((name, [word.partition("=")[0] for word in words if word.startswith("-")]))
    return found


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below the line that begins with `heading`, its own head left out."""
    lines = text[text.index(heading) :].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| ---"))
    rows = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_docs_list_every_command_and_no_other() -> None:
    documented = {name for name, _ in named_commands(COMMAND_LINE.read_text())}
    assert documented == set(commands()) - {"app"}  # `mnist-lab app` stands in a sentence there
    assert "`mnist-lab app`" in COMMAND_LINE.read_text()


def test_the_docs_list_every_command_that_prints_json() -> None:
    (sentence,) = re.findall(r"With `--json`, (.*?) print one JSON document", COMMAND_LINE.read_text(), re.DOTALL)
    assert set(re.findall(r"`([\w ]+)`", sentence)) == {
        name for name, options in commands().items() if "--json" in options
    }


@every_page
def test_every_command_that_is_named_exists_with_its_options(page: Path) -> None:
    known = commands()
    for name, options in named_commands(page.read_text()):
        assert name in known, name
        assert set(options) <= known[name], name


@every_page
def test_every_module_that_is_named_can_be_run(page: Path) -> None:
    for module in re.findall(r"python -m ([\w.]+)", page.read_text()):
        name = module.rstrip(".")
        spec = importlib.util.find_spec(name)
        assert spec is not None, name
        if spec.submodule_search_locations:
            spec = importlib.util.find_spec(f"{name}.__main__")
            assert spec is not None, name
        assert spec.origin is not None
        assert "__main__" in Path(spec.origin).read_text() or spec.origin.endswith("__main__.py"), name


@every_page
def test_every_benchmark_that_is_named_exists(page: Path) -> None:
    for line in re.findall(r"python -m benchmarks ([\w ]+)", page.read_text()):
        assert set(line.split()) <= set(NAMES)


def test_the_figures_name_every_benchmark() -> None:
    text = (REPOSITORY / "docs" / "figures.md").read_text()
    rows = [row for heading in ("## Training", "## The shipped", "## Pages") for row in table(text, heading)]
    assert all(len(row) == 4 and all(row) for row in rows), "each with its n and how it is measured"
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row[3])} == set(NAMES)


@every_page
def test_every_link_leads_to_a_file_and_every_path_is_there(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target
    for code in re.findall(r"`([^`\n]+)`", text):
        for path in _PATH.findall(code):
            if not path.startswith(_NOT_IN_A_CLONE) and "/" in path:
                assert (REPOSITORY / path).exists() or (page.parent / path).exists(), path


def test_every_file_that_the_code_names_is_there() -> None:
    folders = ("mnist_core", "ui", "pages", "benchmarks")
    files = [REPOSITORY / ".streamlit" / "config.toml", *(f for d in folders for f in (REPOSITORY / d).rglob("*.py"))]
    for file in files:
        for path in re.findall(r"(?<![\w/.<>-])(?:\w+/)+\w+\.py\b|(?<=`)\w+\.py(?=`)", file.read_text()):
            places = (REPOSITORY, REPOSITORY / "mnist_core", file.parent)
            assert any((place / path).exists() for place in places), f"{path}, in {file.relative_to(REPOSITORY)}"


def test_the_reader_of_paths_sees_what_it_should() -> None:
    assert _PATH.findall("see mnist_core/runs/run.py, pages/ and README.md") == [
        "mnist_core/runs/run.py",
        "pages/",
        "README.md",
    ]
    assert not _PATH.findall("<id>.png <id>/x 0003.test.npy https://a.org/b.py epochs/0003.*")


def test_the_install_page_has_every_way_there_is() -> None:
    text = (REPOSITORY / "docs" / "install.md").read_text()
    for way in (
        "make.py app",
        "requirements.txt",
        "pipx install",
        "uv tool install",
        "[kernels]",
        "tune",
        "Dockerfile",
    ):
        assert way in text, way


def test_the_readme_is_one_screen_with_one_picture() -> None:
    text = README.read_text()
    code = re.findall(r"^```python\n.*?^```", text, re.MULTILINE | re.DOTALL)
    assert len(text.splitlines()) - sum(len(block.splitlines()) for block in code[1:]) <= 63
    (picture,) = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", text)
    assert len(picture[0]) > 40, "it says what is to be seen"
    assert (REPOSITORY / picture[1]).stat().st_size < 300_000


def test_the_readmes_python_is_valid_and_its_names_are_there() -> None:
    code, _ = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)  # the second: export/test_weights.py
    imports = next(line for line in code.splitlines() if line.startswith("from mnist_core"))
    done = subprocess.run([sys.executable, "-c", imports], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    compile(code, "README.md", "exec")


def test_the_table_of_presets_is_what_the_presets_are() -> None:
    text = (REPOSITORY / "docs" / "presets.md").read_text()
    assert [row[0].strip("`") for row in table(text, "| preset |")] == list(PRESETS)
    head = next(line for line in text.splitlines() if line.startswith("| setting |"))
    names = re.findall(r"`(\w+)`", head)
    assert names == list(PRESETS)
    written: dict[str, dict[str, str]] = {name: {} for name in names}
    for setting, *cells in table(text, "| setting |"):
        for name, cell in zip(names, cells, strict=True):
            if cell:
                written[name][setting.strip("`")] = cell
    default = TrainConfig().model_dump()
    changed = {name for preset in PRESETS.values() for name in preset.values}
    assert written == {
        "tutorial": {name: str(default[name]) for name in written["tutorial"]},
        **{name: {key: str(v) for key, v in PRESETS[name].values.items()} for name in names if name != "tutorial"},
    }
    assert set(written["tutorial"]) == changed


@pytest.mark.parametrize(("file", "model"), [("config.json", Record), ("status.json", Status)])
def test_the_run_folder_page_lists_every_field(file: str, model: type[Record] | type[Status]) -> None:
    rows = table((REPOSITORY / "docs" / "run-folder.md").read_text(), f"## {file}")
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row[0])] == [
        field.alias or name for name, field in model.model_fields.items()
    ]
