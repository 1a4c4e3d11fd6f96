"""What is a mark, and what is a digit that looks like one."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.drawing.number.marks import dirt, find_marks
from mnist_core.drawing.number.pieces import Piece, Writing, find_pieces, lines_of

NINE = """
......########......
....############....
...##############...
..################..
...#######....####..
..#######......###..
.#######........###.
.######.........###.
######.........####.
######........#####.
.#####........#####.
.#####....##########
.##################.
..#################.
..#################.
...###############..
......############..
..........#######...
..........######....
.........#######....
........#######.....
........#######.....
.......#######......
.......######.......
.......#####........
.......#####........
.......####.........
........###.........
"""


def marks_in(picture: Image.Image) -> list[str]:
    """The marks of what stands alone in it, ink bright."""
    ink = np.asarray(picture, np.float32) / 255
    labels, pieces = find_pieces(ink)
    (line,) = lines_of(labels, pieces)
    return [mark.text for mark in find_marks(ink, labels, line)]


def test_a_small_nine_of_a_thick_pen_is_no_plus() -> None:
    rows = [[255 * (pixel == "#") for pixel in row] for row in NINE.split()]
    assert marks_in(Image.fromarray(np.pad(np.array(rows, np.uint8), 8))) == []


@pytest.mark.parametrize("pen", [3, 4, 5, 6])
def test_a_plus_of_a_thick_pen_is_one(pen: int) -> None:
    picture = Image.new("L", (44, 44))
    ImageDraw.Draw(picture).line([(22, 10), (22, 34)], fill=255, width=pen)
    ImageDraw.Draw(picture).line([(10, 22), (34, 22)], fill=255, width=pen)
    assert marks_in(picture) == ["+"]


def test_an_exponent_does_not_say_how_high_the_line_is() -> None:
    picture = Image.new("L", (120, 100))
    ImageDraw.Draw(picture).rectangle((20, 30, 50, 89), outline=255, width=6)
    ImageDraw.Draw(picture).rectangle((60, 20, 80, 55), outline=255, width=6)
    labels, pieces = find_pieces(np.asarray(picture, np.float32) / 255)
    (line,) = lines_of(labels, pieces)
    assert (line.top, line.base) == (30, 90)


def written(*others: tuple[list[tuple[int, int]], int], is_drawn: bool = False) -> list[tuple[str, str | None]]:
    """The marks beside two boxes 60 pixels high, and what they may be; each of `others` is a line and its width."""
    picture = Image.new("L", (260, 140))
    draw = ImageDraw.Draw(picture)
    for left in (30, 180):
        draw.rectangle((left, 40, left + 40, 99), outline=255, width=6)
    for points, width in others:
        draw.line(points, fill=255, width=width, joint="curve")
    ink = np.asarray(picture, np.float32) / 255
    labels, pieces = find_pieces(ink)
    (line,) = lines_of(labels, pieces)
    return [(mark.text, mark.doubt) for mark in find_marks(ink, labels, line, is_drawn)]


def test_an_even_stroke_hardly_higher_than_digits_is_doubted_where_it_goes_beyond_both_lines() -> None:
    def unsteady(top: int, bottom: int) -> list[tuple[int, int]]:
        return [(120 + place * 5 + place % 2, bottom + (top - bottom) * place // 5) for place in range(6)]

    assert written((unsteady(36, 105), 4)) == [("/", "a 1 or a slash")]
    assert written((unsteady(36, 99), 4)) == []  # a tall 1 stands on the base line


def test_a_ruled_stroke_as_high_as_the_digits_is_doubted_and_an_unsteady_one_is_a_one() -> None:
    assert written(([(118, 99), (140, 40)], 4)) == [("/", "a 1 or a slash")]
    assert written(([(118, 99), (140, 40)], 4), is_drawn=True) == []  # nobody prints with a pen
    unsteady = [(118, 99), (125, 85), (128, 70), (136, 55), (140, 40)]
    assert written((unsteady, 4)) == []


def test_a_point_under_a_hook_is_no_point_of_a_number() -> None:
    hook, point, beside = [(110, 40), (140, 40), (140, 60), (125, 78)], [(122, 96), (128, 96)], [(158, 96), (164, 96)]
    assert written((hook, 6), (point, 7)) == [("", "a question or exclamation mark")]
    assert written(([(124, 40), (124, 82)], 6), (point, 7)) == [("", "a question or exclamation mark")]
    assert written(([*hook, (125, 99)], 6), (beside, 7)) == [(".", None)]


def test_a_point_beside_the_foot_of_a_raised_seven_stays_a_point() -> None:
    raised, tucked = [(105, 30), (150, 30), (118, 84)], [(142, 96), (148, 96)]
    assert written((raised, 6), (tucked, 7)) == [(".", None)]


def test_a_straight_stroke_far_beyond_both_lines_is_a_bar_and_a_shorter_one_a_one() -> None:
    assert written(([(122, 30), (120, 116)], 5)) == [("", "an upright bar")]
    assert written(([(122, 30), (120, 108)], 5)) == []
    assert written(([(112, 40), (134, 99)], 5)) == [("", "a backslash")]


def test_a_bar_between_two_points_is_a_division_sign() -> None:
    upper, bar, lower = [(122, 52), (128, 52)], [(108, 69), (142, 69)], [(122, 86), (128, 86)]
    assert written((upper, 7), (bar, 6), (lower, 7)) == [("", "a division sign")]
    assert written((upper, 7), (lower, 7)) == [(":", None)]


def test_a_bow_that_goes_beyond_both_lines_is_doubted() -> None:
    bow = [(130, 32), (120, 50), (116, 72), (120, 94), (130, 112)]
    after = [(x + 110, y) for x, y in bow]
    assert written((after, 5)) == [("", "a bracket")]
    assert written(([(x, 99 - (112 - y) * 59 // 80) for x, y in after], 5)) == []  # no higher than the digits
    assert written((bow, 5)) == []  # within a number it is a digit


def test_a_long_comma_of_print_is_no_one() -> None:
    assert written(([(124, 84), (116, 114)], 7)) == [(",", None)]


def test_a_speck_beside_a_pen_of_many_pixels_is_dirt_and_a_point_of_a_thin_one_is_none() -> None:
    speck, point = Piece(1, 10, 12, 50, 51), Piece(1, 30, 31, 50, 51)
    assert dirt(Writing([speck], 8, 28, pen=3.7)) == [speck]  # of MNIST's own digits, 20 pixels high
    assert dirt(Writing([point], 22, 31, pen=2.0)) == []
