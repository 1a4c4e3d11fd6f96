"""Printed characters: whole, apart from each other, and none of a font that the detector is measured on."""

import numpy as np
import pytest

from benchmarks.pictures import fonts
from benchmarks.pictures.kinds.printed import number
from mnist_core.errors import RequestError


def test_every_known_font_has_ten_different_digits() -> None:
    rng = np.random.default_rng(0)
    for font in fonts.known():
        drawn = {fonts.printed(digit, [font], rng).tobytes() for digit in "0123456789"}
        assert len(drawn) == 10, font.getname()


def test_weights_of_one_font_differ() -> None:
    ink: dict[tuple[str | None, str | None], set[int]] = {}
    for font in fonts.known():
        ink.setdefault(font.getname(), set()).add(int(fonts.printed("8", [font], np.random.default_rng(0)).sum()))
    assert sorted(len(sums) for sums in ink.values() if len(sums) > 1) == [3] * 6


def test_a_printed_text_is_cropped_and_wider_when_spaced() -> None:
    rng = np.random.default_rng(0)
    tight, spaced = (fonts.printed("17", fonts.known()[:1], rng, by) for by in (0, 0.5))
    for ink in (tight, spaced):
        assert all(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
    assert tight.shape[0] == spaced.shape[0]
    assert spaced.shape[1] - tight.shape[1] == pytest.approx(0.5 * fonts.SIZE, abs=2)


def test_it_is_measured_on_fonts_that_are_not_trained_on() -> None:
    try:
        others = {font.getname()[0] for font in fonts.others()}
    except RequestError as error:
        pytest.skip(str(error))
    assert not others & {font.getname()[0] for font in fonts.known()}
    case = number.case(np.random.default_rng(3), None)  # type: ignore[arg-type]  # fonts need no digits of people
    assert case.wanted.isdigit() and case.picture.dtype == np.uint8 and np.ptp(case.picture) > 90
