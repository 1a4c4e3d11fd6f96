"""What is a mark, and what is a digit that looks like one."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.drawing.number.marks import find_marks
from mnist_core.drawing.number.pieces import find_pieces, lines_of

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
    labels, pieces = find_pieces(np.asarray(picture, np.float32) / 255)
    (line,) = lines_of(labels, pieces)
    return [mark.text for mark in find_marks(labels, line)]


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
