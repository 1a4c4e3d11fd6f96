"""Ink is found whatever the colours, the light and the paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from mnist_core.drawing import strokes, synthetic
from mnist_core.drawing.ink.find import find_ink
from mnist_core.drawing.prepare import prepare
from tests.support.pictures import PROPERTY, a_seven, prepared


@PROPERTY
@given(picture=st.integers(1, 40).flatmap(lambda n: arrays(np.uint8, (n, 30))))
def test_a_negative_is_the_same(picture: np.ndarray) -> None:
    positive, negative = prepare(picture), prepare(255 - picture)
    assert (positive is None) == (negative is None)
    if positive is not None and negative is not None:
        np.testing.assert_array_equal(positive.image, negative.image)


@PROPERTY
@given(colour=st.tuples(*[st.integers(0, 255)] * 3), paper=st.tuples(*[st.integers(0, 255)] * 3))
def test_a_negative_in_colour_is_the_same(colour: tuple[int, int, int], paper: tuple[int, int, int]) -> None:
    picture = np.where(a_seven()[..., None] > 0, np.array(colour, np.uint8), np.array(paper, np.uint8))
    positive, negative = prepare(picture), prepare(255 - picture)
    assert (positive is None) == (negative is None)
    if positive is not None and negative is not None:
        np.testing.assert_array_equal(positive.image, negative.image)


def test_paint_on_nothing_is_ink_bright_or_dark() -> None:
    seven = a_seven()
    for paint in (0, 255):
        picture = np.full((*seven.shape, 4), paint, np.uint8)
        picture[..., 3] = seven
        np.testing.assert_array_equal(prepared(picture), prepared(seven))


def test_transparent_corners_around_painted_paper_are_paper() -> None:
    seven = 255 - a_seven()
    picture = np.dstack([seven, seven, seven, np.full_like(seven, 255)])
    picture[:12, :12] = picture[-12:, -12:] = 0  # an app's rounded corners
    np.testing.assert_array_equal(prepared(picture), prepared(a_seven()))


def test_uneven_light_is_not_ink() -> None:
    paper = 200 + np.outer(np.hanning(200), np.hanning(200)) * 40  # brighter in the middle
    picture = np.where(a_seven() > 0, 40, paper).astype(np.uint8)
    digit = prepare(picture)
    plain = prepare(a_seven())
    assert digit is not None
    assert plain is not None
    assert np.abs(np.subtract(digit.box, plain.box)).max() <= 1  # the light is told on a plane that is smoothed


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0, 3), (0, 5, 4), (1, 1), (1, 1, 3), (1, 1, 4), (300, 200, 4)])
@pytest.mark.parametrize("level", [0, 100, 255])
def test_a_blank_picture_holds_no_digit(shape: tuple[int, ...], level: int) -> None:
    assert prepare(np.full(shape, level, np.uint8)) is None


def test_faint_noise_holds_no_digit() -> None:
    noise = np.random.default_rng(0).integers(240, 256, (200, 200), np.uint8)
    assert prepare(noise) is None


def photograph(tilt_x: float, tilt_y: float, vault: float, lines: float = 0) -> np.ndarray:
    """A dark 7 on paper of brightness 190, lit unevenly: uint8 (300, 300), with faint ruling where asked."""
    digit = np.asarray(Image.fromarray(a_seven()).resize((300, 300))) / 255
    y, x = np.mgrid[-1:1:300j, -1:1:300j]
    paper = 190 + tilt_x * x + tilt_y * y - vault * (x * x + y * y)
    paper[::30] -= lines
    return (paper * (1 - 0.75 * digit)).clip(0, 255).astype(np.uint8)


@settings(PROPERTY, max_examples=25)
@given(tilt_x=st.integers(-40, 40), tilt_y=st.integers(-40, 40), vault=st.integers(0, 25))
def test_uneven_light_changes_little_and_a_negative_nothing(tilt_x: int, tilt_y: int, vault: int) -> None:
    photo = photograph(tilt_x, tilt_y, vault)
    even = prepared(photograph(0, 0, 0))
    assert np.abs(prepared(photo).astype(int) - even).mean() < 20  # moved by a pixel it is 13; the light as ink 60
    np.testing.assert_array_equal(prepared(photo), prepared(255 - photo))


@pytest.mark.parametrize("lines", [10, 20, 30])
def test_faint_ruling_is_not_ink(lines: int) -> None:
    ruled = prepared(photograph(20, -10, 10, lines))
    assert np.abs(ruled.astype(int) - prepared(photograph(0, 0, 0))).mean() < 12


def test_a_digit_that_fills_its_picture_is_not_taken_for_ruling() -> None:
    seven = a_seven()
    rows, columns = np.flatnonzero(seven.any(1)), np.flatnonzero(seven.any(0))
    filling = seven[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert np.abs(prepared(np.pad(filling, 30)).astype(int) - prepared(filling)).mean() < 3


@pytest.mark.parametrize("side", [48, 200])
def test_a_thick_pen_in_a_tight_picture_is_no_shade(side: int) -> None:
    for index in range(40):
        _, drawn = synthetic.digit_strokes(3, index)
        pen = (0.08, 0.24)[index % 2]
        size = 0.96 / (1 + pen)
        picture = strokes.render([stroke * size + 0.5 for stroke in drawn], pen * size * side, side)
        known = prepare(picture, is_drawn=True)
        assert known is not None
        np.testing.assert_array_equal(prepared(picture), known.image, f"digit {index}")


def test_whole_grey_levels_hide_little_noise_of_a_photograph() -> None:
    """Most of its paper is of one level then, as a drawing's is; the shadow of a hand is none the less no ink."""
    y, x = np.mgrid[:160, :160]
    shadow = (y - 150) ** 2 + (x - 60) ** 2 < 60**2
    stroke = (abs(x - 120) < 4) & (abs(y - 60) < 40)
    for dark in (130, 150):
        light = np.where(shadow, dark, 205) * np.where(stroke, 0.6, 1)
        photograph = np.round(light + np.random.default_rng(1).normal(0, 0.45, light.shape)).astype(np.uint8)
        assert (photograph == 205).mean() > 1 / 3
        for picture in (photograph, 255 - photograph):
            ink = find_ink(picture)
            assert ink[shadow].max() == 0
            assert ink[stroke].min() > 0.3
