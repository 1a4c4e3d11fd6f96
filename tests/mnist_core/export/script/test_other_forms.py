"""The same program as a notebook, and as four small scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_core.export.script import four_files, network_check, notebook
from mnist_core.export.written import Check
from mnist_core.runs.run import Run
from tests.support.command_line import Output, refused
from tests.support.exported_programs import code_of_notebook, fresh_folder, printed_hash, ruff, run_each, same_bits


def test_notebook_and_four_scripts_end_in_the_runs_weights(
    trained_as: Callable[[str], Run],
    fewer: Path,
    few_tested: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nbformat = pytest.importorskip("nbformat", reason="`pip install nbformat` for the tests with notebooks")
    run, tuned = trained_as("changed in flight"), trained_as("fine-tuned")
    book, books, four, fours = (tmp_path / name for name in ("a", "b", "c", "d"))
    written = four_files.write(run, str(four))
    assert [path.name for path in written.paths[1:]] == ["download.py", "model.py", "train.py", "test.py"]
    assert written.check is not None and (written.check.digits, written.check.different) == (few_tested, 0)
    monkeypatch.setattr(network_check, "check", lambda *_: Check(10_000, 0, 0.0))
    assert four_files.write(tuned, str(fours)).paths[-1].name == "digits.npz"
    for folder, trained in ((book, run), (books, tuned)):
        notebook.write(trained, str(fresh_folder(folder, fewer) / "book.ipynb"))
        read = nbformat.read(folder / "book.ipynb", as_version=4)
        nbformat.validate(read)
        kinds = [cell.cell_type for cell in read.cells]
        assert kinds == ["markdown", *["markdown", "code"] * (len(kinds) // 2)]
        assert ruff(folder) == ""
        (folder / "cells.py").write_text(code_of_notebook(folder / "book.ipynb"))
    for folder in (four, fours):
        (folder / "data").symlink_to(fewer)
    assert [ruff(folder) for folder in (four, fours)] == ["", ""]
    programs = [book / "cells.py", books / "cells.py", four / "train.py", four / "test.py", fours / "train.py"]
    for program, trained, output in zip(programs, [run, tuned, run, run, tuned], run_each(programs), strict=True):
        assert printed_hash(output) == trained.status().weights_hash
        assert same_bits(trained, program.parent)


def test_four_scripts_are_for_one_network(capsys: Output, trained: Run, tmp_path: Path) -> None:
    said = refused(capsys, "export", trained.id, "--format=scripts", "-o", str(tmp_path / "four"))
    assert "four scripts are there for mlp" in said and "Take the format `script`" in said
    assert not (tmp_path / "four").exists()
