"""One odd value in a run's files, on the command line: no traceback, and the others are listed and compared."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mnist_core.runs.run import Run
from tests.support.command_line import Output, json_of, run_line
from tests.support.damage import DAMAGES, NO_CURVE, NO_STATUS, UNREADABLE, damaged_copy
from tests.support.pictures import a_seven


def test_the_list_has_all_and_says_which_are_damaged(capsys: Output, trained: Run) -> None:
    damaged = {name: damaged_copy(trained, name) for name in DAMAGES}
    status, out, err = run_line(capsys, "runs")
    assert status == 0
    states = {row.split()[0]: row.split()[1] for row in out.splitlines()[1:]}
    assert states == {trained.id: "finished"} | {
        run.id: "damaged" if name in UNREADABLE | NO_STATUS else "finished" for name, run in damaged.items()
    }
    assert err.count("\n") == len(UNREADABLE | NO_STATUS)
    assert "\x1b" not in out + err
    listed = json.loads(run_line(capsys, "runs", "--json")[1])
    assert {run["run"] for run in listed} == states.keys()
    assert {run["run"] for run in listed if run["damage"]} == {
        damaged[name].id for name in UNREADABLE | NO_STATUS | NO_CURVE
    }
    found = json_of(capsys, "compare", "best", trained.id, "--json")
    assert [side["run"] for side in found["runs"]] == [trained.id, trained.id]


@pytest.mark.parametrize("name", DAMAGES)
def test_no_command_ends_in_a_traceback(capsys: Output, trained: Run, name: str) -> None:
    run = damaged_copy(trained, name)
    for arguments in (("mistakes", run.id), ("compare", run.id, trained.id), ("step", run.id), ("stop", run.id)):
        status, _, err = run_line(capsys, *arguments)
        assert status in (0, 1, 2), err
        assert err.count("\n") == (status != 0)
    assert run_line(capsys, "runs", "delete", run.id, "--yes")[0] == 0
    assert run_line(capsys, "compare", trained.id, trained.id)[0] == 0


@pytest.mark.parametrize("instead", [None, Path.mkdir])
def test_a_run_whose_settings_are_gone_is_listed_as_damaged(
    capsys: Output, trained: Run, instead: Callable[[Path], None] | None
) -> None:
    path = trained.path / "config.json"
    path.unlink()
    if instead is not None:
        instead(path)
    status, out, err = run_line(capsys, "runs")
    assert status == 0
    assert out.split()[-2:] == [trained.id, "damaged"]
    assert "config.json is " in err


def test_where_the_last_weights_are_gone_no_earlier_ones_answer(capsys: Output, trained: Run, tmp_path: Path) -> None:
    trained.weights(1).unlink()
    Image.fromarray(a_seven()).save(picture := tmp_path / "seven.png")
    for words in (["test"], ["mistakes"], ["predict", "--run"]):
        status, out, err = run_line(capsys, *words, trained.id, *([str(picture)] if words[0] == "predict" else []))
        assert (status, out) == (1, "")
        assert err.startswith(f"{trained.weights(1)} is missing.")


def test_a_picture_named_by_an_escape_sequence_does_not_steer_the_terminal(
    capsys: Output, trained: Run, tmp_path: Path
) -> None:
    Image.fromarray(a_seven()).save(picture := tmp_path / "\x1b[31m.png")
    for words in (["predict", "--run", trained.id, str(picture)], ["mistakes", trained.id, "--csv", f"{picture}.csv"]):
        status, out, err = run_line(capsys, *words)
        assert (status, err) == (0, "")
        assert "\x1b" not in out
