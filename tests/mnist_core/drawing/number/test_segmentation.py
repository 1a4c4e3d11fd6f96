"""Digits side by side are told apart."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_core.data import mnist
from mnist_core.drawing import strokes
from mnist_core.drawing.ink.find import find_ink
from mnist_core.drawing.number.segmentation import find_digits
from mnist_core.drawing.prepare import Prepared, prepare, prepare_ink
from mnist_core.drawing.steps import ladder, plain_shrink
from mnist_core.errors import RequestError
from tests.support.pictures import PROPERTY, handwriting_strokes, prepared, side_by_side

N = 500


def split(picture: np.ndarray) -> list[Prepared]:
    """Each digit that is found, prepared from its own ink."""
    ink, found = find_ink(picture), []
    for box, own in find_digits(ink):
        alone = np.zeros_like(ink)
        alone[box] = np.where(own, ink[box], np.float32(0))
        prepared = prepare_ink(alone)
        assert prepared is not None
        found.append(prepared)
    return found


@pytest.fixture
def digits(home: Path) -> np.ndarray:
    """Test digits, uint8 (500, 28, 28)."""
    return mnist.load_arrays("test").images[:N]


@settings(PROPERTY, max_examples=25)
@given(count=st.integers(1, 5), gap=st.integers(6, 40), dark=st.booleans(), seed=st.integers(0, 1000))
def test_digits_side_by_side_are_each_what_they_are_alone(count: int, gap: int, dark: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    alone = [strokes.render(handwriting_strokes(rng), float(rng.uniform(6, 14)), 100) for _ in range(count)]
    picture = side_by_side(*alone, gap=gap)
    found = split(255 - picture if dark else picture)
    assert len(found) == count
    assert [digit.box[0] for digit in found] == sorted(digit.box[0] for digit in found)
    for digit, one in zip(found, alone, strict=True):
        np.testing.assert_allclose(digit.image.astype(int), prepared(np.pad(one, 30)), atol=2)


def test_a_detached_bar_belongs_to_its_five() -> None:
    body = np.array([(0.25, 0.2), (0.22, 0.45), (0.6, 0.45), (0.65, 0.75), (0.2, 0.8)])
    bar = np.array([(0.33, 0.1), (0.7, 0.08)])
    assert len(split(strokes.render([body, bar], 10, 200))) == 1


@PROPERTY
@given(picture=st.tuples(st.integers(0, 30), st.integers(0, 40)).flatmap(lambda n: arrays(np.uint8, (*n, 4))))
def test_any_rgba_array_is_split_climbed_and_shrunk(picture: np.ndarray) -> None:
    digits = split(picture)
    assert (len(digits) == 0) <= (prepare(picture) is None)
    assert len(ladder(picture)) == (2 if prepare(picture) is None else 5)
    assert plain_shrink(picture).shape == (28, 28)


@pytest.mark.parametrize("step", [4, 40])
def test_a_raster_is_no_number_and_costs_no_memory(step: int) -> None:
    picture = np.full((1000, 1000), 255, np.uint8)
    picture[1::step, 1::step] = 0
    tracemalloc.start()
    try:
        with pytest.raises(RequestError, match="more than 24 pieces of ink"):
            split(picture)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000  # each piece took a kilobyte
    finally:
        tracemalloc.stop()


def test_twenty_four_digits_are_told_apart_and_each_has_its_own_ink() -> None:
    picture = np.full((60, 24 * 20), 255, np.uint8)
    for number in range(24):
        picture[10:50, 20 * number + 8 : 20 * number + 12] = 0
    found = split(picture)
    assert [digit.box for digit in found] == [(20 * n + 8, 10, 20 * n + 12, 50) for n in range(24)]
    assert all(digit.ink.sum() == 160 for digit in found)
