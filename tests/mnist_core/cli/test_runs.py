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


def test_list_is_filtered_sorted_and_written(capsys: Output, trained: Run, tmp_path: Path) -> None:
    for rate in (0.02, 0.2):
        run = store.create(TrainConfig(learning_rate=rate), f"rate {rate}")
        store.write_status(run, run.status().model_copy(update={"state": "stopped", "train_seconds": 1 / rate}))
    out = run_line(capsys, "runs", "--filter", "state=stopped", "--sort", "-learning_rate")[1]
    header, first, second = out.rstrip().splitlines()
    assert "learning rate" in header and "momentum" not in header  # only what differs
    assert ("rate 0.2" in first, "rate 0.02" in second) == (True, True)
    listed = json_of(capsys, "runs", "--json", "--sort", "train_seconds", "--filter", "rate")
    assert [one["name"] for one in listed] == ["rate 0.2", "rate 0.02"]
    file = tmp_path / "runs.csv"
    assert run_line(capsys, "runs", "--filter", "rate", "--sort", "-learning_rate", "--csv", str(file)) == (
        0,
        f"2 runs written to {file}.\n",
        "",
    )
    assert [line.split(",")[1] for line in file.read_text().splitlines()] == ["name", "rate 0.2", "rate 0.02"]
    assert run_line(capsys, "runs", "--filter", "seed=9")[1] == "None of the 3 runs fits the filter 'seed=9'.\n"
    assert "There is nothing called 'rates' to filter by" in refused(capsys, "runs", "--filter", "rates>1")
    assert "There is nothing called 'rates' to sort by" in refused(capsys, "runs", "--sort", "rates")


def test_tags_find_a_run_and_a_kept_one_cannot_be_deleted(capsys: Output, trained: Run) -> None:
    assert run_line(capsys, "runs", "tag", trained.id, "talk", "not yet") == (
        0,
        f"{trained.id} is tagged not yet, talk.\n",
        "",
    )
    assert run_line(capsys, "runs", "tag", trained.id, "talk", "--remove")[1] == f"{trained.id} is tagged not yet.\n"
    assert [one["tags"] for one in json_of(capsys, "runs", "--json", "--filter", 'tag="not yet"')] == [["not yet"]]
    assert "A name is one line of printable characters" in refused(capsys, "runs", "tag", trained.id, "a\nb")
    assert run_line(capsys, "runs", "keep", trained.id)[0] == 0
    refusal = refused(capsys, "runs", "delete", trained.id, "--yes")
    assert refusal.endswith(f"(`python -m mnist_core runs keep {trained.id} --no`).")
    assert run_line(capsys, "runs", "rename", trained.id, "Mine")[0] == 0  # loses neither
    assert (trained.notes().tags, trained.notes().keep) == (("not yet",), True)
    assert run_line(capsys, "runs", "keep", trained.id, "--no")[0] == 0
    assert run_line(capsys, "runs", "delete", trained.id, "--yes")[0] == 0
