"""Print beside handwriting: strokes as straight as a ruler's are a sign's, not a 1."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.pictures.fonts import known
from mnist_core.drawing.ink.find import find_page
from mnist_core.drawing.number import cuts
from mnist_core.drawing.number.marks import find_marks
from mnist_core.drawing.number.pieces import find_pieces, lines_of
from mnist_core.drawing.number.printed import letters
from mnist_core.drawing.number.printed.points import find_pieces_and_points
from mnist_core.drawing.number.printed.ruled import is_ruled_stroke
from mnist_core.drawing.number.reading import read_number
from mnist_core.drawing.number.symbols import Number
from mnist_core.drawing.prepare import prepare
from tests.mnist_core.drawing.number.test_reading import shipped

SANS = 5  # of the known fonts, KaTeX_SansSerif-Bold


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
        wavy = 1.5 + 0.15 * np.sin(8 * np.pi * rows / high)  # a pen's width, as even as people's are
        assert not is_ruled_stroke((wavy + 0.5 - abs(columns - high * (0.7 - 0.4 * rows / high))).clip(0, 1))
    assert not is_ruled_stroke(np.eye(40)[:, ::-1] + np.eye(40))  # two strokes, though their middle is straight


@pytest.mark.parametrize("text", ["3/4", "3\\4", "3|4", "V8"])
@pytest.mark.parametrize("size", [24, 60])
def test_a_straight_sign_of_print_is_no_one(text: str, size: int) -> None:
    assert read(text, size).warning


@pytest.mark.parametrize("text", ["3.25", "88.64", "20.16"])
@pytest.mark.parametrize("size", [13, 16])
def test_a_point_of_small_print_is_kept(text: str, size: int) -> None:
    assert read(text, size, SANS).text == text


def test_the_long_comma_of_a_typewriters_font_is_no_nine() -> None:
    typewriters = [font for font, own in enumerate(known()) if str(own.path).split("/")[-1].startswith("SourceCode")]
    assert typewriters
    for font in typewriters:
        ink = find_page(printed("8,264", 60, font)).ink
        labels, pieces = find_pieces(ink)
        (line,) = lines_of(labels, pieces)
        assert [mark.text for mark in find_marks(ink, labels, line)] == [","]


def test_the_foot_of_a_thin_two_of_small_print_is_no_point() -> None:
    ink = np.zeros((14, 16), np.float32)
    ink[2:12, 8] = 1  # an upright stroke, whose foot begins thin
    ink[11, 6:9] = (0.5, 0.35, 1)
    assert len(find_pieces_and_points(ink)[1]) == 1
    ink[11, 7] = 0.22  # a point, and the edges of both
    assert len(find_pieces_and_points(ink)[1]) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10 oz", "The 3rd digit is lower than the others: it may be a letter."),
        ("6O9", "The 2nd digit is wider than printed ones: it may be a letter."),
    ],
)
def test_letters_that_look_like_digits_are_doubted(text: str, said: str) -> None:
    assert read(text, 48, SANS).warning == said


def test_signs_and_letters_that_are_the_same_turned_round_are_no_digits() -> None:
    assert read("5>3", 48).warning == "The 2nd digit is the same upside down: it may be a sign."
    assert read("Z8", 48).warning == "The 1st digit is the same turned half round: it may be a letter."


def test_blurred_digits_whose_rings_fill_are_not_the_same_upside_down() -> None:
    for font in range(0, len(known()), 4):
        for text in "25469":
            blurred = Image.fromarray(printed(text, 60, font)).filter(ImageFilter.GaussianBlur(4.5))
            prepared = prepare(np.asarray(blurred))
            assert prepared is not None
            assert letters._mirrored(prepared) < letters.MIRRORED
            assert text in "469" or letters._turned(prepared) < letters.TURNED


def spans(*lines: tuple[float, float]) -> list[letters._Span]:
    return [letters._Span(60.0 * place, top, bottom) for place, (top, bottom) in enumerate(lines)]


def test_old_style_figures_are_no_letters_and_digits_by_hand_have_no_levels() -> None:
    low, tailed, full, tall = (30, 100), (30, 130), (0, 100), (0, 130)
    old_style = letters._levels(spans(low, full, tailed, full), 100)  # 1859
    assert old_style == ["low", "full", "tailed", "full"]
    assert letters._odd(list("1858"), old_style) == [None] * 4
    assert [bool(said) for said in letters._odd(list("1008"), old_style)] == [True, False, True, False]
    assert letters._levels(spans(full, full, tall), 100) == ["full", "full", "beyond"]
    assert letters._levels(spans((2, 98), (0, 104), (7, 100)), 100) is None
    # MNIST's digits are of one height; 9654, each where its box has it: a line fits three of them.
    assert letters._levels(spans((15, 110), (0, 95), (10, 105), (16, 110)), 100) is None


def test_a_tilted_line_of_print_is_still_even() -> None:
    assert letters._levels(spans((0, 100), (2.4, 102.4), (4.8, 104.8), (37.2, 107.2)), 100) == ["full"] * 3 + ["low"]


def test_a_number_that_is_crossed_out_is_doubted() -> None:
    crossed = Image.fromarray(printed("605", 60))
    width, height = crossed.size
    ImageDraw.Draw(crossed).line((30, height * 0.54, width - 30, height * 0.52), 0, 4)
    assert "A line runs through" in (read_number(np.asarray(crossed), shipped()).warning or "")


def test_digits_that_have_run_together_are_not_struck_out() -> None:
    ink = np.zeros((40, 60), np.float32)
    ink[:, 2:22] = ink[:, 38:58] = 1
    ink[5:35, 22:38] = 0.28  # between them a faint bridge, nearly as high as they are
    assert not cuts.is_struck(ink)
    ink[5:35, 22:38] = 0
    ink[19:22, 2:58] = np.maximum(ink[19:22, 2:58], 0.28)  # a faint line
    assert cuts.is_struck(ink)


def test_a_printed_number_is_read_without_a_doubt() -> None:
    for size in (30, 60):
        number = read("40728", size)
        assert (number.text, number.warning) == ("40728", None)
