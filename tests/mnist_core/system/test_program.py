"""A text that tells a person what to type says the command as they type it."""

import sys
from pathlib import Path

import pytest

from mnist_core.system import program


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("/usr/local/bin/mnist-lab", "mnist-lab"),
        ("mnist-lab.exe", "mnist-lab"),
        ("/clone/mnist_core/__main__.py", "python -m mnist_core"),
        ("/usr/lib/python3/streamlit/__main__.py", None),
        ("-c", None),
    ],
)
@pytest.mark.parametrize("installed", [True, False])
def test_the_command_is_the_one_typed_or_else_one_that_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: str, expected: str | None, installed: bool
) -> None:
    monkeypatch.delenv("MNIST_LAB_COMMAND", raising=False)
    monkeypatch.setattr(sys, "argv", [typed])
    monkeypatch.setattr(program, "BUNDLE", tmp_path if installed else tmp_path / "none")
    works = "mnist-lab" if installed else "python -m mnist_core"
    assert program.command() == (expected or works)


def test_what_a_process_starts_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_LAB_COMMAND", "")
    monkeypatch.setattr(sys, "argv", ["mnist-lab", "app"])
    program.hand_on()
    monkeypatch.setattr(sys, "argv", ["/clone/mnist_core/__main__.py", "resume"])
    assert program.command() == "mnist-lab"
