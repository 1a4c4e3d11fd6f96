"""`predict`: a number of several digits, and the warnings, as a person on the command line meets them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.cli.app import main
from mnist_core.drawing import strokes

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
