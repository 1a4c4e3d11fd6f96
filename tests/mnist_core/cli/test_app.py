"""The command line: what it prints, its exit status, and one line for every mistake a person can make."""

import csv
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mnist_core.cli import app
from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.data import mnist
from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.statistics import wilson
from mnist_core.jobs import launcher
from mnist_core.runs import commands, store
from mnist_core.runs.run import Run
from mnist_core.system.files import REPOSITORY
from tests.conftest import command_line

COMMANDS = [
    "download",
    "train",
    "resume",
    "stop",
    "test",
    "predict",
    "mistakes",
    "runs",
    "runs delete",
    "runs rename",
    "runs note",
    "pause",
    "unpause",
    "step",
    "set",
    "verify",
]
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


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(capsys: Output, command: str) -> None:
    status, out, err = run_line(capsys, *command.split(), "--help")
    assert (status, err) == (0, "")
    assert f"Usage: python -m mnist_core {command}" in " ".join(out.split())


def test_help_lists_every_command_and_the_tests_know_them_all(capsys: Output) -> None:
    _, out, _ = run_line(capsys, "--help")
    listed = re.findall(r"^│ (\w+) {2,}\S", out, re.MULTILINE)
    assert set(listed) >= {name for name in COMMANDS if " " not in name}


def test_train_has_an_option_for_every_setting_with_its_bounds(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    _, out, _ = run_line(capsys, "train", "--help")
    for setting in settings().values():
        (line,) = (line for line in out.splitlines() if f"--{setting.name.replace('_', '-')} " in line)
        assert setting.help in line
        assert setting.bounds[1:] in line
        assert f"{setting.default}" in line


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


def test_finished_run_has_nothing_to_resume_or_stop(capsys: Output, trained: Run) -> None:
    assert "--epochs 6" in refused(capsys, "resume", trained.id, "--json")
    assert "is not being trained: it is finished" in refused(capsys, "stop", trained.id)


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_text_file_is_no_picture(capsys: Output, trained: Run, tmp_path: Path, as_json: list[str]) -> None:
    (tmp_path / "notes.txt").write_text("not a picture")
    line = refused(capsys, "predict", str(tmp_path / "notes.txt"), *as_json)
    assert line.startswith(f"{tmp_path / 'notes.txt'} is not a picture")
    assert "does not exist" in refused(capsys, "predict", str(tmp_path / "missing.png"), *as_json)


def test_truncated_checkpoint_is_refused_and_nothing_is_lost(capsys: Output, trained: Run) -> None:
    trained.checkpoint.write_bytes(trained.checkpoint.read_bytes()[:5000])
    kept = {path: path.read_bytes() for path in trained.path.rglob("*") if path.suffix in (".pt", ".jsonl", ".npy")}
    before = trained.status()
    status, _, err = run_line(capsys, "resume", trained.id, "--epochs", "2")
    assert status == 1
    assert err.count("\n") == 1
    assert f"{trained.checkpoint} is damaged" in err
    assert {path: path.read_bytes() for path in kept} == kept
    after = trained.status()
    assert (after.state, after.test_accuracy, after.epoch) == (before.state, before.test_accuracy, before.epoch)
    assert store.find("best") == trained
    assert run_line(capsys, "test", trained.id)[0] == 0


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


def test_table_that_cannot_be_written_is_one_line(capsys: Output, trained: Run, tmp_path: Path) -> None:
    line = refused(capsys, "mistakes", "--csv", str(tmp_path / "missing" / "a.csv"), status=1)
    assert str(tmp_path / "missing" / "a.csv") in line


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


def test_download_says_where_and_names_what_was_damaged(
    capsys: Output, prepared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(prepared_data, tmp_path / "data")
    monkeypatch.setenv("MNIST_HOME", str(tmp_path))
    raw = tmp_path / "data" / "MNIST" / "raw"
    archive = raw / "train-labels-idx1-ubyte.gz"
    archive.write_bytes(archive.read_bytes()[:500])
    status, out, err = run_line(capsys, "download")
    assert status == 0
    assert out == f"The data set is complete in {raw}: 60,000 training and 10,000 test digits.\n"
    assert err.count("\n") == 1
    assert err.startswith("train-labels-idx1-ubyte.gz was damaged; it was copied from")


REPORT = {
    "run", "state", "epoch", "step", "samples_seen", "train_loss", "test_loss", "test_accuracy", "interval",
    "train_seconds", "weights_hash",
}  # fmt: skip


@pytest.mark.slow
def test_train_json_is_one_document_and_test_agrees(home: Path, capsys: Output) -> None:
    settings_given = ["--model", "mlp", "--epochs", "1", "--batch-size", "1000", "--threads", "1", "--seed", "4"]
    done = command_line("train", *settings_given, "--learning-rate", "0.1", "--name", "Mine", "--json", home=home)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert set(report) == REPORT
    (run,) = store.every()
    record = run.record()
    assert report["run"] == run.id
    assert record.name == "Mine"
    config = TrainConfig(model="mlp", epochs=1, batch_size=1000, threads=1, seed=4, learning_rate=0.1)
    assert record.config == config
    assert (report["state"], report["epoch"], report["step"], report["samples_seen"]) == ("finished", 1, 60, 60_000)
    assert 0.8 < report["test_accuracy"] < 1
    assert report["interval"] == list(wilson(round(report["test_accuracy"] * 10_000), 10_000))
    assert 0 < report["train_seconds"] < 120
    rows, _ = run.metrics()
    assert report["train_loss"] == rows[-2]["train_loss"]
    assert report["test_loss"] == rows[-1]["test_loss"]

    tested = json_of(capsys, "test", "--json")
    assert set(tested) == {"run", "epoch", "test_loss", "test_accuracy", "interval"}
    assert (tested["run"], tested["epoch"]) == (run.id, 1)
    assert tested["test_accuracy"] == report["test_accuracy"]
    assert tested["test_loss"] == pytest.approx(report["test_loss"], rel=1e-4)
    assert tested["interval"] == report["interval"]

    (listed,) = json_of(capsys, "runs", "--json")
    assert set(listed) == REPORT | {"config", "name", "note"}
    assert (listed["name"], listed["note"]) == ("Mine", "")
    assert {name: listed[name] for name in REPORT} == report
    assert listed["config"] == config.model_dump()


def test_test_prints_accuracy_with_interval_and_n(capsys: Output, trained: Run) -> None:
    status, out, err = run_line(capsys, "test")
    assert (status, err) == (0, "")
    accuracy = trained.status().test_accuracy
    assert out.splitlines()[0] == f"{trained.id} after 1 epoch"
    assert f"Test accuracy {accuracy:.1%}".replace("%", " %") in out
    assert "10,000 test digits, 95 % interval" in out


def test_mistakes_are_as_many_as_the_accuracy_implies(capsys: Output, trained: Run, tmp_path: Path) -> None:
    wrong = 10_000 - round((trained.status().test_accuracy or 0) * 10_000)
    status, out, _ = run_line(capsys, "mistakes")
    assert status == 0
    lines = out.splitlines()
    assert len(lines) == 1 + wrong + 1
    assert lines[-1] == f"{trained.id}: {wrong} of 10,000 test digits misread."

    status, out, _ = run_line(capsys, "mistakes", trained.id, "--csv", str(tmp_path / "mistakes.csv"))
    assert status == 0
    status, out, _ = run_line(capsys, "mistakes", trained.id, "--zip", str(tmp_path / "mistakes.zip"))
    assert status == 0 and out.strip().endswith(f"written to {tmp_path / 'mistakes.zip'}.")
    with zipfile.ZipFile(tmp_path / "mistakes.zip") as archive:
        assert len(archive.namelist()) == wrong
    with (tmp_path / "mistakes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == wrong
    assert list(rows[0]) == ["index", "true", "predicted", *(f"p{digit}" for digit in range(10)), "loss"]
    labels = mnist.load_arrays("test").labels
    losses = [float(row["loss"]) for row in rows]
    assert losses == sorted(losses, reverse=True)
    for row in rows:
        probabilities = [float(row[f"p{digit}"]) for digit in range(10)]
        assert int(row["true"]) == labels[int(row["index"])] != int(row["predicted"])
        assert int(np.argmax(probabilities)) == int(row["predicted"])
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)


def test_predict_json_answers_in_the_order_asked(capsys: Output, trained: Run, tmp_path: Path) -> None:
    test = mnist.load_arrays("test")
    sure = np.argsort(answers_of(trained).losses)
    chosen = [int(next(i for i in sure if test.labels[i] == digit)) for digit in (7, 1)]
    paths = [str(tmp_path / f"{n}.png") for n in range(3)]
    for path, index in zip(paths, chosen, strict=False):
        Image.fromarray(test.images[index]).save(path)
    Image.new("L", (40, 40), 255).save(paths[2])
    seven, one, blank = json_of(capsys, "predict", *paths, "--json")
    assert all(set(answer) == {"path", "digit", "probabilities", "warning"} for answer in (seven, one, blank))
    assert [answer["path"] for answer in (seven, one, blank)] == paths
    assert (seven["digit"], one["digit"]) == (7, 1)
    assert sum(seven["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert seven["probabilities"][7] == max(seven["probabilities"])
    assert seven["warning"] is None
    assert blank["digit"] is None
    assert blank["warning"]


def test_runs_lists_newest_first_and_delete_takes_one(capsys: Output, trained: Run) -> None:
    newer = store.create(TrainConfig(model="mlp", learning_rate=0.02))
    store.write_status(newer, newer.status().model_copy(update={"state": "stopped"}))
    status, out, err = run_line(capsys, "runs")
    assert (status, err) == (0, "")
    header, first, second = out.rstrip().splitlines()
    assert header.split()[:3] == ["run", "state", "epochs"]
    assert first.split()[:5] == [newer.id, "stopped", "0", "of", "3"]
    assert second.split()[:5] == [trained.id, "finished", "1", "of", "1"]
    assert f"{trained.status().test_accuracy:.2%}".replace("%", " %") in second
    assert run_line(capsys, "runs", "delete", newer.id) == (0, f"{newer.id} is deleted.\n", "")
    assert store.every() == [trained]


def test_damaged_run_does_not_hide_the_others(capsys: Output, trained: Run) -> None:
    damaged = store.create(TrainConfig())
    (damaged.path / "config.json").write_text("{")
    (damaged.path / "status.json").write_text("{")
    status, out, err = run_line(capsys, "runs")
    assert status == 0
    assert trained.id in out
    assert damaged.id not in out
    assert err.count("\n") == 1
    assert f"{damaged.id}/config.json is damaged" in err
    assert run_line(capsys, "runs", "delete", damaged.id)[0] == 0


def test_no_runs_is_said_with_what_to_do(capsys: Output, home: Path) -> None:
    assert run_line(capsys, "runs") == (0, "There is no run yet: train one with `python -m mnist_core train`.\n", "")


def test_stop_that_is_not_answered_is_said(capsys: Output, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(TrainConfig())  # queued, and nobody trains it
    wait = launcher.wait
    monkeypatch.setattr(launcher, "wait", lambda run, seconds: wait(run, 0.1))
    assert "has not answered" in refused(capsys, "stop")
    assert [wish.wish for wish in commands.wishes(run)] == ["stop"]


@pytest.mark.parametrize("command", ["pause", "unpause", "step", "step --epoch", "set --momentum 0.9"])
def test_run_at_rest_is_not_steered(capsys: Output, trained: Run, command: str) -> None:
    name, *options = command.split()
    assert "is not being trained: it is finished" in refused(capsys, name, trained.id, *options)


def test_wrong_rates_and_steps_are_refused_before_anything_is_asked(capsys: Output, home: Path) -> None:
    run = store.create(TrainConfig())
    assert "learning_rate must be a number from 1e-06 to 10; 'x' was given." in refused(
        capsys, "set", "--learning-rate", "x"
    )
    assert "momentum must be a number from 0 to 0.99; '1' was given." in refused(capsys, "set", "--momentum", "1")
    assert "Say which rate to change" in refused(capsys, "set")
    assert "steps must be a whole number from 1 to 1,000,000; '0' was given." in refused(capsys, "step", "--steps", "0")
    assert commands.wishes(run) == []


def test_name_and_note_are_shown_and_bounded(capsys: Output, trained: Run) -> None:
    assert run_line(capsys, "runs", "rename", trained.id, "Mine") == (0, f"{trained.id} is called 'Mine'.\n", "")
    assert run_line(capsys, "runs", "note", trained.id, "Look at the sevens.")[0] == 0
    (listed,) = json_of(capsys, "runs", "--json")
    assert (listed["name"], listed["note"]) == ("Mine", "Look at the sevens.")
    assert "at most 60 characters; this one has 61." in refused(capsys, "runs", "rename", trained.id, "x" * 61)
    assert "at most 2,000 characters; this one has 2,001." in refused(capsys, "runs", "note", trained.id, "x" * 2001)
    assert run_line(capsys, "runs", "rename", trained.id, "")[1] == f"{trained.id} has no name.\n"
    assert trained.note() == "Look at the sevens."
