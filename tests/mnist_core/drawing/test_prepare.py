"""Drawing: MNIST's own digits come back, the same digit is the same image, and any file ends in a sentence."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from mnist_core.data import mnist
from mnist_core.drawing.ink.find import find_ink
from mnist_core.drawing.prepare import prepare, scale_to_box
from mnist_core.models.inference import load_network, probabilities
from mnist_core.runs.run import Run
from tests.support.pictures import PROPERTY, a_seven, moved, prepared

N = 500


@pytest.fixture
def digits(home: Path) -> np.ndarray:
    """Test digits, uint8 (500, 28, 28)."""
    return mnist.load_arrays("test").images[:N]


def test_mnist_digits_stay_what_they_are(digits: np.ndarray) -> None:
    again = np.stack([prepared(digit) for digit in digits])
    assert np.abs(again.astype(int) - digits).mean() < 0.5  # of 255


def test_mnist_digits_come_back_from_large_moved_dark_on_light_pictures(digits: np.ndarray, trained: Run) -> None:
    rng = np.random.default_rng(0)
    pictures = [255 - moved(digit.repeat(10, 0).repeat(10, 1), *rng.integers(0, 90, 2)) for digit in digits]
    again = np.stack([prepared(picture) for picture in pictures])
    assert np.abs(again.astype(int) - digits).mean() < 0.5
    network = load_network(trained)
    same = probabilities(network, again).argmax(1) == probabilities(network, digits).argmax(1)
    assert same.mean() > 0.995


@pytest.mark.parametrize("how", ["smoothly enlarged", "as two levels, as NIST scanned them", "JPEG"])
def test_a_network_answers_altered_mnist_digits_as_well_as_the_originals(
    how: str, digits: np.ndarray, trained: Run
) -> None:
    def alter(digit: np.ndarray) -> np.ndarray:
        large = Image.fromarray(digit).resize((280, 280), Image.Resampling.BICUBIC)
        if how.startswith("as two levels"):
            large = large.point(lambda level: 255 * (level > 127))
        if how == "JPEG":
            large.save(file := io.BytesIO(), "JPEG", quality=60)
            large = Image.open(file)
        return moved(np.asarray(large), 70, 5)

    labels = mnist.load_arrays("test").labels[:N]
    again = np.stack([prepared(alter(digit)) for digit in digits])
    network = load_network(trained)
    before = (probabilities(network, digits).argmax(1) == labels).mean()
    after = (probabilities(network, again).argmax(1) == labels).mean()
    assert after > before - 0.01


def test_a_digit_has_mnist_s_size_place_and_brightness() -> None:
    image = prepared(a_seven())
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    assert (image.shape, str(image.dtype), image.max()) == ((28, 28), "uint8", 255)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    middles = np.arange(28) + 0.5
    assert 14 <= (image.sum(1) @ middles) / image.sum() < 15  # as in MNIST, see _centre
    assert 14 <= (image.sum(0) @ middles) / image.sum() < 15


def test_aspect_is_kept() -> None:
    bar = np.zeros((400, 300), np.uint8)
    bar[50:350, 100:160] = 255  # 300 by 60
    image = prepared(bar)
    assert (image.any(1).sum(), image.any(0).sum()) == (20, 4)


def test_scaling_takes_the_mean_of_the_area() -> None:
    # 40 wide to 20: each pixel is the mean of 2 by 2, so stripes one pixel wide become an even grey beside the full.
    stripes = np.zeros((80, 80), np.uint8)
    stripes[20:60, 20:60:2] = 255
    stripes[20:60, 56:60] = 255
    image = prepared(stripes)
    columns = np.flatnonzero(image.any(0))
    assert len(columns) == 20
    assert np.unique(image[:, columns[:18]]).tolist() == [0, 128]
    assert np.unique(image[:, columns[18:]]).tolist() == [0, 255]


def test_area_is_shared_exactly_by_a_fractional_scale() -> None:
    # 30 to 20: a step at pixel 10 lies in the seventh pixel, two thirds of it before the step.
    ink = np.zeros((30, 30), np.float32)
    ink[:10] = 1
    small = scale_to_box(ink)
    np.testing.assert_allclose(small[:8, 0], [1, 1, 1, 1, 1, 1, 2 / 3, 0], atol=1e-6)


def test_a_lopsided_digit_is_not_cut_off() -> None:
    picture = np.zeros((200, 200), np.uint8)
    picture[20:50, 20:180] = 255  # heavy at the top,
    picture[50:180, 20:23] = 255  # and a thin foot
    assert prepared(picture).any(1).sum() == 20


@PROPERTY
@given(top=st.integers(0, 90), left=st.integers(0, 90))
def test_a_moved_digit_is_the_same(top: int, left: int) -> None:
    np.testing.assert_array_equal(prepared(moved(a_seven(), top, left)), prepared(a_seven()))


SHAPES = st.tuples(st.integers(0, 60), st.integers(0, 60)).flatmap(
    lambda size: st.sampled_from([size, (*size, 3), (*size, 4)])
)


@PROPERTY
@given(picture=SHAPES.flatmap(lambda shape: arrays(np.uint8, shape)))
def test_any_array_is_prepared_or_blank(picture: np.ndarray) -> None:
    ink = find_ink(picture)
    assert ink.shape == picture.shape[:2]
    digit = prepare(picture)
    if digit is None:
        assert not ink.any()
    else:
        assert (digit.image.shape, str(digit.image.dtype), digit.image.max()) == ((28, 28), "uint8", 255)


@pytest.mark.parametrize("shape", [(1, 5000), (5000, 1), (3000, 7), (2, 2), (5, 5), (21, 20)])
def test_any_proportion_fits(shape: tuple[int, int]) -> None:
    picture = np.pad(np.full(shape, 255, np.uint8), 3)
    assert max(prepared(picture).any(1).sum(), prepared(picture).any(0).sum()) == 20
