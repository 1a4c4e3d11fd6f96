"""`doctor`: a line for each thing that is wrong, and what mends it."""

from pathlib import Path

import pytest

from mnist_core.cli.app import main
from mnist_core.drawing import collection
from mnist_core.runs import manifest
from tests.support.run_folders import add


def test_it_names_each_thing_that_is_wrong_and_nothing_else(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [add(f"20260101-000000-cnn-000{number}") for number in range(4)]
    for run in runs:
        manifest.replace(run.weights(1), b"weights")
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "All files of runs and drawings are as they were written.\n"
    (runs[0].path / "config.json").write_text("{")
    runs[1].weights(1).write_bytes(b"Weights")
    (runs[2].path / "status.json").write_text("5")
    collection.folder().mkdir()
    (collection.folder() / "20260101-000000-abcdef.json").write_text("{")
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    for run, name in zip(runs, ("config.json", "0001.safetensors", "status.json"), strict=False):
        (line,) = [line for line in lines if run.id in line]
        assert name in line and "put a copy back" in line.lower()
    assert len(lines) == 4 and "20260101-000000-abcdef" in lines[3]
