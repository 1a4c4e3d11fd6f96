"""Strokes and the digits made of them, against the distance to a line and against what they are to be."""

import numpy as np
import pytest
from scipy import ndimage

from mnist_core.drawing import strokes
from mnist_core.drawing.prepare import prepare
from mnist_core.drawing.strokes import EVEN_PEN


def distance(side: int, start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """Of each pixel's middle to a line in the unit box, in pixels."""
    rows, columns = np.mgrid[0:side, 0:side] + 0.5
    points, a, b = np.stack([columns, rows], -1), np.array(start) * side, np.array(end) * side
    along = (((points - a) @ (b - a)) / ((b - a) @ (b - a))).clip(0, 1)
    return np.linalg.norm(points - (a + along[..., None] * (b - a)), axis=-1)


@pytest.mark.parametrize("width", [3, 8, 14, 24.5])
def test_a_line_covers_what_is_within_half_a_pen_of_it(width: float) -> None:
    start, end, side = (0.2, 0.3), (0.7, 0.8), 150
    exact = (width / 2 + 0.5 - distance(side, start, end)).clip(0, 1)
    painted = strokes.render([np.array([start, end])], width, side) / 255
    assert np.abs(painted - exact).max() < 0.55  # round caps and all; half a fine pixel on an edge
    assert painted.sum() == pytest.approx(exact.sum(), rel=0.06)


def test_a_dot_is_round_and_in_its_place() -> None:
    dot = strokes.render([np.array([[0.25, 0.5]])], 20, 100)
    assert dot.sum() / 255 == pytest.approx(np.pi * 100, rel=0.05)
    rows, columns = np.nonzero(dot)
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((25, 50), abs=0.3)


EIGHT = [np.array([(70, 12), (40, 0), (15, 20), (45, 45), (82, 72), (50, 100), (15, 78), (50, 48), (82, 20), (62, 2)])]


@pytest.mark.parametrize("brush", [6, 24, 40])
@pytest.mark.parametrize("size", [90, 200])
@pytest.mark.parametrize("centre", [(0.5, 0.5), (0.45, 0.55)])
def test_evened_a_digit_is_the_same_whatever_the_brush_the_size_and_the_place(
    brush: float, size: float, centre: tuple[float, float]
) -> None:
    drawn = strokes.fitted(EIGHT, size / 308, centre)
    evened = strokes.evened(drawn, brush / 308)
    prepared = prepare(strokes.render(drawn, brush, 308), evened)
    plain = prepare(strokes.render(strokes.fitted(EIGHT, 0.9), EVEN_PEN * 0.9 * 308, 308))
    assert prepared is not None
    assert plain is not None
    assert np.abs(prepared.image.astype(int) - plain.image).mean() < 3  # of 255
    _, top, _, bottom = prepared.box  # of what was drawn, with its brush
    assert bottom - top == pytest.approx(size + brush, abs=3)


def test_evened_the_holes_that_a_thick_brush_filled_are_open_again() -> None:
    drawn = strokes.fitted(EIGHT, 90 / 308)
    picture = strokes.render(drawn, 40, 308)
    filled, opened = prepare(picture), prepare(picture, strokes.evened(drawn, 40 / 308))
    assert filled is not None
    assert opened is not None
    assert ndimage.label(filled.image < 128)[1] == 1  # the paper around it, and no hole
    assert ndimage.label(opened.image < 128)[1] == 3


def test_a_blot_is_not_evened_into_a_digit() -> None:
    dab = strokes.fitted(EIGHT, 30 / 308)
    assert strokes.evened(dab, 24 / 308) is None
    assert strokes.evened([np.array([[0.5, 0.5]])], 24 / 308) is None
    assert strokes.evened(dab, 6 / 308) is not None
