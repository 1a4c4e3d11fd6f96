"""The command line: what it prints, its exit status, and one line for every mistake a person can make."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import settings
from mnist_core.interpretation import each_unit
from mnist_core.interpretation.analyses import ANALYSES
from mnist_core.runs.run import Run
from mnist_core.system.files import REPOSITORY
from tests.conftest import command_line
from tests.support.command_line import Output, json_of, refused, run_line

COMMANDS = [
    "app",
    *("download", "doctor", "train", "resume", "stop", "pause", "unpause", "step", "set", "verify"),
    *("test", "predict", "mistakes", "compare", "calibration", "robustness", "features", "map", "ablate"),
    *("adversarial", "fool", "channels", "activations", "maps", "embeddings"),
    *("export", "import"),
    *("drawings", "finetune", "runs", "runs delete", "runs rename", "runs note", "runs tag", "runs keep"),
    *("runs trash", "runs restore", "tune"),
    *("tune start", "tune status", "tune pause", "tune stop", "tune resume", "tune add", "tune worker", "tune best"),
    *("tune delete", "tune rate"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(capsys: Output, command: str) -> None:
    status, out, err = run_line(capsys, *command.split(), "--help")
    assert (status, err) == (0, "")
    assert f"Usage: python -m mnist_core {command}" in " ".join(out.split())


def test_help_lists_every_command_and_the_tests_know_them_all(capsys: Output) -> None:
    _, out, _ = run_line(capsys, "--help")
    listed = re.findall(r"^│ (\w+) {2,}\S", out, re.MULTILINE)
    assert sorted(listed) == sorted(name for name in COMMANDS if " " not in name)
    for group in ("runs", "tune"):
        _, out, _ = run_line(capsys, group, "--help")
        listed = re.findall(r"^│ (\w+) {2,}\S", out, re.MULTILINE)
        named = [name.removeprefix(f"{group} ") for name in COMMANDS if name.startswith(f"{group} ")]
        assert sorted(listed) == sorted(named)


def test_help_shows_every_default_as_one(capsys: Output) -> None:
    _, out, _ = run_line(capsys, "train", "--help")
    told = " ".join(out.replace("│", " ").split())
    for setting in settings().values():
        assert f"; default {setting.default}." in told, setting.name


def test_every_analysis_has_a_command_of_its_name(capsys: Output) -> None:
    """A page starts an analysis by its name, as a command: a typo in it would be found by a person's click."""
    assert ANALYSES.keys() <= set(COMMANDS)
    for name, analysis in ANALYSES.items():
        assert analysis.name == name
        status, out, _ = run_line(capsys, name, "--help")
        assert status == 0 and "--epoch" in out
    made = [
        (path.name, found)
        for path in (REPOSITORY / "mnist_core").rglob("*.py")
        for found in re.findall(r"\b(?:Study|Analysis)\(\S", path.read_text())
        if path.name != "analyses.py"
    ]
    own_command = {"each_unit.py": each_unit.COMMAND}  # takes the layer as well
    assert set(own_command.values()) <= set(COMMANDS)
    assert len(made) == len(ANALYSES) + len(own_command), "one that is not in ANALYSES has no command"


def test_no_command_prints_the_help_and_one_line(capsys: Output) -> None:
    status, out, err = run_line(capsys)
    assert status == 2
    assert "Usage: python -m mnist_core" in out
    assert err == "Say which command: see `python -m mnist_core --help`.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("train --epochs 0", "epochs must be a whole number from 1 to 100; '0' was given."),
        ("train --epochs 2.5", "epochs must be a whole number from 1 to 100; '2.5' was given."),
        ("train --learning-rate -1", "learning_rate must be a number from 1e-06 to 10"),
        ("train --learning-rate abc", "learning_rate must be a number from 1e-06 to 10"),
        ("train --learning-rate nan", "learning_rate must be a number from 1e-06 to 10"),
        ("train --momentum 1", "momentum must be a number from 0"),
        ("train --model vgg", f"model must be one of {', '.join(NETWORKS)}; 'vgg' was given."),
        ("train --device tpu", "device must be one of auto, cuda, mps, cpu"),
        ("train --epochs", "--epochs"),
        ("train --bogus 3", "--bogus"),
        ("train extra", "extra"),
        ("bogus", "'bogus'"),
        ("resume", "'run'"),
        ("predict", "'images'"),
        ("resume nope", "There is no run yet"),
        ("resume nope --epochs 0", "epochs must be a whole number from 1 to 100; '0' was given."),
        ("stop", "There is no run yet"),
        ("resume shipped", "The shipped run stays as it is"),
        ("stop shipped", "The shipped run stays as it is"),
        ("runs delete shipped", "The shipped run stays as it is"),
        ("mistakes nope", "There is no run yet"),
        ("runs delete nope", "There is no run yet"),
        ("runs bogus", "'bogus'"),
        ("runs rename nope x", "There is no run"),
        ("pause", "There is no run yet"),
        ("step --steps 2 --epoch", "Say --steps N or --epoch, not both."),
        ("verify nope", "There is no run"),
        ("runs note shipped x", "The shipped run stays as it is"),
    ],
)
def test_wrong_request_is_one_line_and_leaves_nothing(capsys: Output, home: Path, arguments: str, words: str) -> None:
    assert words in refused(capsys, *arguments.split())
    assert not (home / "runs").exists()


@pytest.mark.parametrize("command", ["resume", "stop", "test", "mistakes", "runs delete"])
def test_unknown_run_is_one_line(capsys: Output, trained: Run, command: str) -> None:
    assert "There is no run 'nope'" in refused(capsys, *command.split(), "nope")


def unwritable() -> list[str]:
    return ["a file as parent", *(["/sys"] if Path("/sys").is_dir() else [])]


@pytest.mark.parametrize("place", unwritable())
@pytest.mark.parametrize("command", ["download", "train"])
def test_home_that_cannot_be_written_is_one_line(
    capsys: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, command: str
) -> None:
    (tmp_path / "file").touch()
    home = Path(place) if place == "/sys" else tmp_path / "file" / "home"
    monkeypatch.setenv("MNIST_HOME", str(home))
    line = refused(capsys, command, status=1)
    assert line.startswith(f"Cannot write to {home}")
    assert "set MNIST_HOME to a folder you can write to" in line
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_home_that_cannot_be_written_can_still_be_read(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_HOME", "/sys")
    assert run_line(capsys, "runs")[0] == 0
    assert json_of(capsys, "runs", "--json") == []


def test_real_process_prints_one_line_and_no_traceback(tmp_path: Path) -> None:
    for arguments, status in ((("train", "--epochs", "0"), 2), (("resume", "nope"), 2), (("bogus",), 2)):
        done = command_line(*arguments, home=tmp_path)
        assert (done.returncode, done.stdout) == (status, "")
        assert done.stderr.count("\n") == 1
    (tmp_path / "file").touch()
    done = command_line("train", home=tmp_path / "file")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1


def test_reader_that_leaves_is_no_traceback(trained: Run, home: Path) -> None:
    command = [sys.executable, "-u", "-m", "mnist_core", "mistakes"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == ""
    assert child.returncode == 1
