"""One command in this process, as a person would type it."""

import json
from typing import Any

import pytest

from mnist_core.cli import app

Output = pytest.CaptureFixture[str]


def run_line(capsys: Output, *arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of one command, in this process: a traceback fails the test."""
    capsys.readouterr()
    status = app.main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


def refused(capsys: Output, *arguments: str, status: int = 2) -> str:
    """The one line on standard error with which a command is refused."""
    found, out, err = run_line(capsys, *arguments)
    assert (found, out) == (status, ""), err
    assert err.count("\n") == 1
    assert err.endswith(".\n")
    return err.strip()


def json_of(capsys: Output, *arguments: str) -> Any:
    status, out, err = run_line(capsys, *arguments)
    assert (status, err) == (0, "")
    return json.loads(out)
