"""Print beside handwriting: strokes as straight as a ruler's are a sign's, not a 1."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.pictures.fonts import known
from mnist_core.drawing.number.printed import is_ruled_stroke
from mnist_core.drawing.number.reading import read_number
from mnist_core.drawing.number.symbols import Number
from tests.mnist_core.drawing.number.test_reading import shipped


def printed(text: str, size: int, font: int = 0) -> np.ndarray:
    """`text` in one of the fonts that come with Pillow and Streamlit, dark on white."""
    own = known()[font].font_variant(size=size)
    picture = Image.new("L", (round(own.getlength(text)) + 2 * size, 3 * size), 255)
    ImageDraw.Draw(picture).text((size, size), text, 0, own)
    return np.asarray(picture)


def read(text: str, size: int, font: int = 0) -> Number:
    return read_number(printed(text, size, font), shipped())


def test_a_leaning_stroke_of_a_ruler_is_ruled_at_any_size_and_a_bent_one_is_not() -> None:
    for high in (16, 40, 120):
        rows, columns = np.mgrid[:high, :high]
        for bend, expected in ((0.0, True), (0.04, False)):
            middle = high * (0.7 - 0.4 * rows / high + bend * np.sin(np.pi * rows / high))
            assert is_ruled_stroke((1.5 + 0.5 - abs(columns - middle)).clip(0, 1)) == expected
    assert not is_ruled_stroke(np.eye(40)[:, ::-1] + np.eye(40))  # two strokes, though their middle is straight


@pytest.mark.parametrize("text", ["3/4", "3\\4", "3|4", "V8"])
@pytest.mark.parametrize("size", [24, 60])
def test_a_straight_sign_of_print_is_no_one(text: str, size: int) -> None:
    assert read(text, size).warning


def test_a_printed_number_is_read_without_a_doubt() -> None:
    for size in (30, 60):
        number = read("40728", size)
        assert (number.text, number.warning) == ("40728", None)
