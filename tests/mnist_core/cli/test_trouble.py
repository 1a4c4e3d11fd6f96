"""What the machine refuses, and Ctrl-C before anything has begun: one line, no traceback."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_core.runs import store
from mnist_core.system.files import REPOSITORY
from tests.support.command_line import Output, refused


@pytest.mark.parametrize("module", ["typer", "numpy", "pydantic", "psutil"])
def test_ctrl_c_while_it_is_imported_is_one_line(tmp_path: Path, module: str) -> None:
    """A module of this name that is found first presses Ctrl-C when it is imported."""
    press = "signal.signal(signal.SIGINT, signal.default_int_handler)\nsignal.raise_signal(signal.SIGINT)\n"
    (tmp_path / f"{module}.py").write_text(f"import signal\n{press}")  # the tests may run where Ctrl-C is ignored
    done = subprocess.run(
        [sys.executable, "-m", "mnist_core", "runs"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no device that is always full.")
def test_an_output_on_a_full_disk_is_one_line(home: Path) -> None:
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mnist_core", "runs"],
            cwd=REPOSITORY,
            env=buffered,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    said = "The output cannot be written (No space left on device): send it to where there is space.\n"
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.skipif(os.name != "posix", reason="It takes a shell that can close an output.")
def test_a_closed_output_is_no_error(home: Path) -> None:
    command = f'"{sys.executable}" -m mnist_core runs >&-'
    done = subprocess.run(["sh", "-c", command], cwd=REPOSITORY, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_home_of_nobody_is_one_line(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_HOME", "~nobody-of-this-name/x")
    for command in ("runs", "train", "drawings"):
        assert refused(capsys, command).startswith("MNIST_HOME is '~nobody-of-this-name/x'")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EIO, os.strerror(errno.EIO), "/runs"), "Cannot read /runs (Input/output error)"),
        (MemoryError(), "There is not enough memory"),
        (RuntimeError("CUDA out of memory."), "There is not enough memory"),
    ],
)
def test_what_the_machine_refuses_is_one_line(
    capsys: Output, home: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setattr(store, "ids", refuse)
    assert refused(capsys, "runs", status=1).startswith(words)
