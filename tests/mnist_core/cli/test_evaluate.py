"""`predict`: a number of several digits, and the warnings, as a person on the command line meets them."""

import csv
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.cli.app import main
from mnist_core.data import mnist
from mnist_core.drawing import strokes
from mnist_core.evaluation.answers import answers_of
from mnist_core.runs.run import Run
from tests.support.command_line import Output, json_of, refused, run_line

ONE = [np.array([(0.05, 0.3), (0.1, 0.2), (0.1, 0.8)])]
SEVEN = [np.array([(0.0, 0.2), (0.28, 0.2), (0.1, 0.8)])]
ZERO = [np.stack([0.14 + 0.14 * np.sin(t), 0.5 - 0.3 * np.cos(t)], 1) for t in [np.linspace(0, 6.28, 40)]]


def written(path: Path, *digits: list[np.ndarray]) -> str:
    moved = [stroke + [0.08 + 0.31 * place, 0] for place, digit in enumerate(digits) for stroke in digit]
    Image.fromarray(255 - strokes.render(moved, 12, 300)).save(path)
    return str(path)


def test_a_number_is_read_from_left_to_right(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    several, blank = written(home / "several.png", SEVEN, ZERO, ONE), written(home / "blank.png")
    assert main(["predict", several, blank, "--number", "--json"]) == 0
    number, nothing = json.loads(capsys.readouterr().out)
    assert number["number"] == "701" and number["warning"] is None
    assert [answer["digit"] for answer in number["digits"]] == [7, 0, 1]
    assert all(len(answer["probabilities"]) == 10 for answer in number["digits"])
    assert (nothing["number"], nothing["digits"]) == (None, []) and "no digit" in nothing["warning"]
    assert main(["predict", several, "--number"]) == 0
    assert "several.png: 701 (7: " in capsys.readouterr().out


def test_several_digits_asked_for_one_are_warned_of(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", written(home / "two.png", SEVEN, ONE), written(home / "one.png", SEVEN), "--json"]) == 0
    two, one = json.loads(capsys.readouterr().out)
    assert "seem to be 2 digits" in two["warning"]
    assert (one["digit"], one["warning"]) == (7, None)


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_text_file_is_no_picture(capsys: Output, trained: Run, tmp_path: Path, as_json: list[str]) -> None:
    (tmp_path / "notes.txt").write_text("not a picture")
    line = refused(capsys, "predict", str(tmp_path / "notes.txt"), *as_json)
    assert line.startswith(f"{tmp_path / 'notes.txt'} is a text and no picture")
    assert "does not exist" in refused(capsys, "predict", str(tmp_path / "missing.png"), *as_json)


def test_table_that_cannot_be_written_is_one_line(capsys: Output, trained: Run, tmp_path: Path) -> None:
    line = refused(capsys, "mistakes", "--csv", str(tmp_path / "missing" / "a.csv"), status=1)
    assert str(tmp_path / "missing" / "a.csv") in line


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
    assert lines[-1] == f"{trained.id}: {wrong} of 10,000 test digits wrong."

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


def test_a_file_that_cannot_be_read_takes_no_others_answer_away(capsys: Output, trained: Run, tmp_path: Path) -> None:
    good = written(tmp_path / "seven.png", SEVEN)
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7\n")
    given = ["predict", str(tmp_path / "scan.pdf"), good, str(tmp_path / "missing.png"), "--run", trained.id]
    assert main(given) == 2
    out, err = capsys.readouterr()
    assert out.startswith(f"{good}: ")
    assert [line.split(":")[0].removeprefix(f"{tmp_path}/") for line in err.splitlines()] == [
        "scan.pdf is a PDF document",
        "missing.png does not exist",
    ]
    assert main([*given, "--json"]) == 2
    assert [sorted(one)[:2] for one in json.loads(capsys.readouterr().out)] == [
        ["error", "path"],
        ["digit", "path"],
        ["error", "path"],
    ]
