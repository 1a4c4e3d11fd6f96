"""Lines of the paper go, and the pen's strokes stay: against the same digit on plain paper."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.data import mnist
from mnist_core.drawing.ink.find import find_page
from mnist_core.drawing.prepare import prepare
from mnist_core.drawing.steps import ladder
from tests.support.pictures import a_seven, prepared

Lines = list[tuple[float, float, float, float]]


def on(lines: Lines, width: int = 2, tilt: float = 0, level: int = 40, digit: np.ndarray | None = None) -> np.ndarray:
    """A dark digit on lines, turned by `tilt` degrees: uint8, as large as the digit's picture."""
    ink = a_seven() if digit is None else digit
    fine = Image.new("L", (4 * ink.shape[1], 4 * ink.shape[0]))
    for line in lines:
        ImageDraw.Draw(fine).line([4 * place for place in line], fill=255, width=4 * width)
    printed = np.asarray(fine.rotate(tilt, Image.Resampling.BICUBIC).reduce(4), float) / 255
    paper = 230 - (230 - level) * printed
    return np.round(paper + (40 - paper) * (ink / 255)).astype(np.uint8)


def level_lines(pitch: float) -> Lines:
    return [(-400, y, 600, y) for y in np.arange(-200.0, 400, pitch)]


def squares(pitch: float) -> Lines:
    return level_lines(pitch) + [(y, x, y, z) for x, y, z, _ in level_lines(pitch)]


BOX: Lines = [(20, 12, 180, 12), (20, 188, 180, 188), (20, 12, 20, 188), (180, 12, 180, 188)]
PAPERS: dict[str, Lines] = {
    "ruled": level_lines(37),
    "squared": squares(31),
    "a box": BOX,
    "one line": [(-400, 121, 600, 121)],
    "a line below": [(10, 184, 190, 184)],
}


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(("width", "tilt", "level"), [(1, 0, 40), (2, 3.5, 40), (3, -5, 90), (2, 1, 170)])
def test_a_digit_on_lines_is_the_digit(paper: str, width: int, tilt: float, level: int) -> None:
    found = prepared(on(PAPERS[paper], width, tilt, level))
    assert np.abs(found.astype(int) - prepared(on([]))).mean() < 6  # moved by a pixel it is 13


@pytest.mark.parametrize("paper", PAPERS)
def test_a_negative_is_the_same(paper: str) -> None:
    picture = on(PAPERS[paper], 2, 2)
    np.testing.assert_array_equal(prepared(picture), prepared(255 - picture))


@pytest.mark.parametrize("paper", ["ruled", "squared", "a box"])
@pytest.mark.parametrize("tilt", [0, 4])
def test_lines_alone_are_no_digit(paper: str, tilt: float) -> None:
    picture = on(PAPERS[paper], 2, tilt, digit=np.zeros((200, 200), np.uint8))
    found = prepare(picture)
    assert found is None or paper == "ruled", "upright or level lines alone might be the 1s of a number"


@pytest.mark.parametrize("digit", ["1", "4", "7", "11", "111", "#", "0"])
@pytest.mark.parametrize("width", [3, 6])
@pytest.mark.parametrize("margin", [0, 3, 30])
def test_straight_strokes_are_no_lines(digit: str, width: int, margin: int) -> None:
    strokes = {
        "1": [[(50, 0), (50, 159)]],
        "4": [[(40, 0), (0, 100), (99, 100)], [(70, 0), (70, 159)]],
        "7": [[(0, 2), (99, 2), (30, 159)], [(30, 80), (80, 80)]],
        "11": [[(20, 0), (20, 159)], [(80, 0), (80, 159)]],
        "111": [[(10, 0), (10, 159)], [(50, 0), (50, 159)], [(90, 0), (90, 159)]],
        "#": [[(30, 0), (30, 159)], [(70, 0), (70, 159)], [(0, 50), (99, 50)]],
        "0": [[(10, 10), (92, 14), (88, 150), (12, 146)]],  # three sides
    }[digit]
    picture = Image.new("L", (100, 160))
    for stroke in strokes:
        ImageDraw.Draw(picture).line(stroke, fill=255, width=width)
    given = np.pad(np.asarray(picture), margin)
    np.testing.assert_array_equal(find_page(given).ink, find_page(given, is_drawn=True).ink)


def test_enlarged_digits_keep_their_strokes(home: Path) -> None:
    del home
    for image in mnist.load_arrays("test").images[:60]:
        crop = image[image.any(1)][:, image.any(0)]
        large = np.asarray(Image.fromarray(crop).resize((120, 160), Image.Resampling.BICUBIC))
        for given in (large, np.pad(large, 9)):
            assert find_page(given).lined is None


def test_known_strokes_are_never_lines() -> None:
    picture = on(BOX, 3)
    assert find_page(picture).lined is not None
    assert find_page(picture, is_drawn=True).lined is None
    drawn = prepare(picture, 255 - a_seven())
    assert drawn is not None
    assert drawn.box == (18, 10, 182, 190)


def test_the_ladder_tells_of_lines() -> None:
    titles = [step.title for step in ladder(on(PAPERS["ruled"]))]
    assert titles[:3] == ["Picture", "Ink", "Without the paper's lines"]
    assert "Without the paper's lines" not in [step.title for step in ladder(on([]))]
