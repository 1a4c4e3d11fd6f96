"""`train`, `resume` and `download`."""

import json
import shutil
from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.evaluation.statistics import wilson
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.conftest import command_line
from tests.support.command_line import Output, json_of, refused, run_line


def test_train_has_an_option_for_every_setting_with_its_bounds(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    _, out, _ = run_line(capsys, "train", "--help")
    for setting in settings().values():
        (line,) = (line for line in out.splitlines() if f"--{setting.name.replace('_', '-')} " in line)
        assert setting.help in line
        assert setting.bounds[1:] in line
        assert f"{setting.default}" in line


def test_finished_run_has_nothing_to_resume_or_stop(capsys: Output, trained: Run) -> None:
    assert "--epochs 6" in refused(capsys, "resume", trained.id, "--json")
    assert "is not being trained: it is finished" in refused(capsys, "stop", trained.id)


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
    assert set(listed) == REPORT | {
        "config",
        "name",
        "note",
        "damage",
        "tags",
        "kept",
        "best",
        "imported",
        "parent",
        "changes",
    }
    assert (listed["name"], listed["note"]) == ("Mine", "")
    assert {name: listed[name] for name in REPORT} == report
    assert listed["config"] == config.model_dump()
