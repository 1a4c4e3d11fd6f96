"""Warnings: each kind of doubt has its sentence, and good digits, whoever wrote them, have none."""

import re

import numpy as np
import pytest

from benchmarks.drawing import non_digits
from benchmarks.drawing.non_digits import Sample
from mnist_core.data.mnist import load_arrays
from mnist_core.drawing import rejection, strokes
from mnist_core.drawing.prepare import prepare
from tests.support.pen import DIGITS

SURE = np.eye(10)[7] * 0.9 + 0.01


def said(picture: np.ndarray, probabilities: np.ndarray = SURE) -> str | None:
    return rejection.warning(prepare(picture), probabilities)


def doubted(sample: Sample) -> str | None:
    return rejection.warning(sample.prepared, SURE)


def test_a_digit_has_no_warning_but_where_the_answer_is_unsure() -> None:
    seven = strokes.render([np.array([(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)])], 22, 308)
    assert said(seven) is None
    torn = np.zeros(10)
    torn[1], torn[7], torn[9] = 0.35, 0.4, 0.25
    assert said(seven, torn) == "Not sure: it could be a 7 or a 1. Write it again, plainer."
    torn[8] = 0.38
    assert said(seven, torn) == "Not sure: it could be a 7 or an 8. Write it again, plainer."
    assert rejection.warning(prepare(seven)) is None  # nobody was asked


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        ([], "There is no digit yet"),
        ([[(0.5, 0.5), (0.502, 0.5)]], "only a dot"),
        ([[(0.7, 0.3), (1.2, 0.3), (0.9, 0.8)]], "over the edge"),
        ([[(0.2, 0.2), (0.2, 0.8)], [(0.7, 0.2), (0.72, 0.8)]], "seem to be 2 digits"),
        ([[(0.1, 0.9), (0.3, 0.1), (0.5, 0.6), (0.7, 0.1), (0.9, 0.9)]], "does not look like a digit"),
    ],
)
def test_each_doubt_says_what_to_do(drawn: list[list[tuple[float, float]]], words: str) -> None:
    sentence = said(strokes.render([np.array(stroke) for stroke in drawn], 18, 308))
    assert sentence is not None and words in sentence
    assert re.search(r": [a-z]", sentence) and sentence.endswith(".")  # what is wrong: what to do


def test_a_digit_whose_holes_a_thick_brush_filled_is_no_blot() -> None:
    eight = strokes.fitted([np.array(stroke) for stroke in DIGITS[8]], 0.2)
    assert "blot" in (said(strokes.render(eight, 32, 308)) or "")
    assert doubted(non_digits.with_pen(eight, 28)) is None
    assert "blot" in (doubted(non_digits.with_pen(strokes.fitted(eight, 0.1), 24)) or "")


def test_a_picture_cropped_around_its_digit_is_not_over_the_edge(home: object) -> None:
    image = load_arrays("test").images[0]
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    cropped = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert "edge" not in (said(cropped.repeat(8, 0).repeat(8, 1)) or "")


def test_few_good_digits_and_most_scribbles_are_doubted(home: object) -> None:
    """As `python -m benchmarks rejection` measures, with fewer samples: the bounds allow for chance."""
    mnist = [said(np.pad(image, 20)) for image in load_arrays("test").images[:150]]
    hands = [[np.array(stroke) / 100 for stroke in digit] for digit in DIGITS.values()]
    drawn = [doubted(non_digits.with_pen(strokes.fitted(hand, 0.65), 20)) for hand in hands]
    scribbles = [doubted(sample) for sample in non_digits.scribbles(123, 60)]
    assert sum(sentence is not None for sentence in [*mnist, *drawn]) <= 6  # of 160; 2 % are 3
    assert sum(sentence is not None for sentence in scribbles) >= 48  # of 60; 90 % are 54
