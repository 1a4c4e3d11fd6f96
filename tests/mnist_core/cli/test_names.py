"""Names on the command line: the one rule everywhere, and plain text in `runs` on any terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.system.files import REPOSITORY
from tests.support.command_line import Output, refused, run_line


def on_terminal(home: Path, encoding: str, *arguments: str | bytes) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "MNIST_HOME": str(home), "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    return subprocess.run(
        [sys.executable, "-m", "mnist_core", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["caf\udce9", "a\x1b[31m", "two\nlines", "x" * 61])
def test_train_and_rename_refuse_the_same_names(capsys: Output, home: Path, name: str) -> None:
    run = store.create(TrainConfig(), "Mine")
    sentence = refused(capsys, "train", "--name", name)
    assert sentence == refused(capsys, "runs", "rename", run.id, name)
    assert sentence.isprintable()
    assert store.every() == [run]
    assert run.name() == "Mine"


def test_bytes_of_another_terminal_are_refused(home: Path) -> None:
    done = on_terminal(home, "utf-8", "train", "--name", b"caf\xe9")
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert not (home / "runs").exists()


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_every_terminal_shows_every_name(trained: Run, encoding: str) -> None:
    from mnist_core.runs import notes

    notes.rename(trained, "[/b] 漢字")
    done = on_terminal(trained.path.parents[1], encoding, "runs")
    assert (done.returncode, done.stderr) == (0, b"")
    shown = "[/b] 漢字".encode(encoding, "backslashreplace")
    assert shown in done.stdout


@pytest.mark.parametrize("name", ["[/b]", "[bold red]x[/]", ":smile: [link=http://x]y[/link]", "\\[x]"])
def test_a_name_is_no_markup(capsys: Output, trained: Run, name: str) -> None:
    assert run_line(capsys, "runs", "rename", trained.id, name)[0] == 0
    status, out, err = run_line(capsys, "runs")
    assert (status, err) == (0, "")
    assert out.rstrip().endswith(name)


def test_what_a_person_typed_does_not_steer_the_terminal(capsys: Output, home: Path) -> None:
    for arguments in (("\x1b[2J",), ("test", "\x1b[2J"), ("train", "--preset", "\x1b[2J"), ("predict", "\x1b[2J.png")):
        assert "\x1b" not in refused(capsys, *arguments)
