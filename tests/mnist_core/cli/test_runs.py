"""`runs`: the list, names and notes, deletion."""

import io
import json
import sys
from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.command_line import Output, json_of, refused, run_line


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
    status, out, err = run_line(capsys, "runs", "delete", newer.id, "--yes")
    assert (status, err) == (0, "")
    assert out.startswith(f"{newer.id} is in the trash for 30 days")
    assert store.every() == [trained]
    assert run_line(capsys, "runs", "trash")[1].split()[:3] == [newer.id, "run", "deleted"]
    assert run_line(capsys, "runs", "restore", newer.id[:17]) == (0, f"{newer.id} is back.\n", "")
    assert store.every() == [newer, trained]


def test_nothing_is_deleted_by_an_empty_word_or_without_a_yes(
    capsys: Output, trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Say which run" in refused(capsys, "runs", "delete", "", "--yes")
    assert "There is no '' in the trash" in refused(capsys, "runs", "restore", "")
    assert "There is no drawing ''" in refused(capsys, "drawings", "--delete", "", "--yes")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    for command in (["runs", "delete", trained.id], ["runs", "trash", "--empty"]):
        assert "say --yes" in refused(capsys, *command)
    monkeypatch.setattr(sys, "stdin", terminal := io.StringIO("n\ny\n"))
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    status, _, err = run_line(capsys, "runs", "delete", trained.id)
    assert status == 1
    assert f"Delete {trained.id}?" in err and err.endswith("Nothing was deleted.\n")
    assert store.every() == [trained]
    assert run_line(capsys, "runs", "delete", trained.id)[0] == 0
    assert store.every() == []
    assert run_line(capsys, "runs", "trash", "--empty", "--yes")[0] == 0
    assert run_line(capsys, "runs", "trash") == (0, "The trash is empty.\n", "")


def test_damaged_run_does_not_hide_the_others(capsys: Output, trained: Run) -> None:
    damaged = store.create(TrainConfig())
    (damaged.path / "config.json").write_text("{")
    (damaged.path / "status.json").write_text("{")
    status, out, err = run_line(capsys, "runs")
    assert status == 0
    assert trained.id in out
    assert next(line for line in out.splitlines() if damaged.id in line).split() == [damaged.id, "damaged"]
    assert err.count("\n") == 1
    assert f"{damaged.id}/config.json is damaged" in err
    first, second = json.loads(run_line(capsys, "runs", "--json")[1])
    assert (first["run"], first["state"], second["run"]) == (damaged.id, "damaged", trained.id)
    assert "config.json is damaged" in first["damage"]
    assert first.keys() == second.keys()
    assert run_line(capsys, "runs", "delete", damaged.id, "--yes")[0] == 0


def test_no_runs_is_said_with_what_to_do(capsys: Output, home: Path) -> None:
    assert run_line(capsys, "runs") == (0, "There is no run yet: train one with `python -m mnist_core train`.\n", "")


def test_name_and_note_are_shown_and_bounded(capsys: Output, trained: Run) -> None:
    assert run_line(capsys, "runs", "rename", trained.id, "Mine") == (0, f"{trained.id} is called 'Mine'.\n", "")
    assert run_line(capsys, "runs", "note", trained.id, "Look at the sevens.")[0] == 0
    (listed,) = json_of(capsys, "runs", "--json")
    assert (listed["name"], listed["note"]) == ("Mine", "Look at the sevens.")
    assert "at most 60 characters; this one has 61." in refused(capsys, "runs", "rename", trained.id, "x" * 61)
    assert "at most 2,000 characters; this one has 2,001." in refused(capsys, "runs", "note", trained.id, "x" * 2001)
    assert run_line(capsys, "runs", "rename", trained.id, "")[1] == f"{trained.id} has no name.\n"
    assert trained.note() == "Look at the sevens."
