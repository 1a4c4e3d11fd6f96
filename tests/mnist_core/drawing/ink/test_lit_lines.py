"""The paper's lines and uneven light together: against the same digit on plain paper in even light."""

import numpy as np
import pytest

from mnist_core.data import mnist
from mnist_core.drawing.ink.find import find_page
from mnist_core.drawing.ink.grey import border, to_grey
from mnist_core.drawing.ink.light import is_uneven_between_lines
from tests.support.pictures import a_seven


def on_paper(light: float, *ways: str, pitch: int = 31, thick: int = 2) -> np.ndarray:
    """A seven on lines, the light fading by `light` from left to right: uint8 (200, 200)."""
    ink = a_seven() / 255
    for way in ways:
        for first in range(9, 200, pitch):
            (ink if way == "across" else ink.T)[first : first + thick] = 1
    return ((230 - 190 * ink) * (1 - light * np.linspace(0, 1, 200))).round().astype(np.uint8)


def is_uneven(picture: np.ndarray) -> bool:
    grey = to_grey(picture)
    return is_uneven_between_lines(grey - np.median(border(grey)))


@pytest.mark.parametrize("ways", [(), ("across",), ("across", "down")])
@pytest.mark.parametrize("pitch", [16, 31])
def test_lines_are_no_uneven_light_and_hide_none(ways: tuple[str, ...], pitch: int) -> None:
    for picture, expected in ((on_paper(0, *ways, pitch=pitch), False), (on_paper(0.4, *ways, pitch=pitch), True)):
        assert is_uneven(picture) == expected
        assert is_uneven(255 - picture) == expected


@pytest.mark.parametrize("light", [0.2, 0.4])
@pytest.mark.parametrize("pitch", [22, 45])
def test_shade_on_ruled_paper_is_not_ink(light: float, pitch: int) -> None:
    page = find_page(on_paper(light, "across", pitch=pitch))
    reach = np.pad(a_seven() > 0, 6)
    near = np.any([np.roll(reach, (y, x), (0, 1)) for y in range(-6, 7) for x in range(-6, 7)], 0)[6:-6, 6:-6]
    assert page.lined is not None
    assert page.ink[~near].max() < 0.2
    assert (page.ink[a_seven() > 200] > 0.5).mean() > 0.9


@pytest.mark.parametrize("pitch", [22, 31, 45])
def test_squares_in_uneven_light_leave_the_digit(pitch: int) -> None:
    assert (find_page(on_paper(0.2, "across", "down", pitch=pitch)).ink[a_seven() > 200] > 0.5).mean() > 0.7


def test_mnists_images_are_their_own_ink() -> None:
    for image in mnist.load_arrays("test").images[:200]:
        share = image / np.float32(image.max())
        np.testing.assert_array_equal(find_page(image).ink, np.where(share < np.float32(0.05), 0, share))
