"""Whole numbers: touching digits are cut or doubted, marks are no digits, cells are read one by one."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from mnist_core.drawing import strokes
from mnist_core.drawing.ink.find import Page, find_ink
from mnist_core.drawing.number.cells import read_cells
from mnist_core.drawing.number.reading import read_number
from mnist_core.drawing.number.symbols import ordinal
from mnist_core.drawing.strokes import Drawn
from mnist_core.models.inference import load_network, probabilities
from mnist_core.runs import store

SIDE = 400
# Each in a box one high, x to the right and y down.
DIGITS = {
    "1": [[(0.1, 0.0), (0.1, 1.0)]],
    "3": [
        [
            (0.02, 0.1),
            (0.25, 0.0),
            (0.5, 0.12),
            (0.5, 0.35),
            (0.2, 0.47),
            (0.52, 0.62),
            (0.52, 0.88),
            (0.25, 1),
            (0, 0.9),
        ]
    ],
    "4": [[(0.1, 0.0), (0.03, 0.55), (0.6, 0.55)], [(0.45, 0.05), (0.43, 1.0)]],
    "7": [[(0.0, 0.02), (0.55, 0.0), (0.25, 1.0)]],
    "0": [[(0.3, 0), (0.05, 0.25), (0.03, 0.7), (0.3, 1), (0.55, 0.7), (0.56, 0.25), (0.3, 0)]],
}
MARKS = {
    ".": [[(0.0, 0.98), (0.02, 0.97)]],
    ",": [[(0.08, 0.95), (0.0, 1.2)]],
    "-": [[(0.0, 0.5), (0.4, 0.48)]],
    ":": [[(0.0, 0.2), (0.01, 0.21)], [(0.0, 0.8), (0.01, 0.81)]],
    "/": [[(0.5, -0.2), (0.0, 1.2)]],
    "=": [[(0.0, 0.4), (0.4, 0.4)], [(0.0, 0.65), (0.4, 0.65)]],
    "+": [[(0.0, 0.5), (0.5, 0.5)], [(0.25, 0.25), (0.25, 0.75)]],
}


@cache
def shipped() -> Callable[[np.ndarray], np.ndarray]:
    network = load_network(store.find("shipped"))
    return lambda images: probabilities(network, images)


def written(text: str, gap: float = 0.3, height: float = 0.2) -> list[np.ndarray]:
    """The strokes of digits and marks, in the unit box, `gap` heights apart."""
    drawn, left = [], 0.06
    for character in text:
        ways = [np.array(way, float) for way in (DIGITS | MARKS)[character]]
        drawn += [way * height + [left, 0.4] for way in ways]
        left += (max(way[:, 0].max() for way in ways) + gap) * height
    return drawn


def picture(text: str, gap: float = 0.3, pen: float = 9) -> np.ndarray:
    return 255 - strokes.render(written(text, gap), pen, SIDE)


@pytest.mark.parametrize("text", ["3.14", "1,370", "-7", "1:30", "1/4", "3=3", "4+7", "1073"])
def test_marks_are_named_and_are_no_digits(text: str) -> None:
    read = read_number(picture(text), shipped())
    assert (read.text, read.warning) == (text, None)
    assert read.digits == "".join(character for character in text if character.isdigit())


@pytest.mark.parametrize("text", ["00", "34", "300"])
def test_digits_that_touch_are_cut_or_doubted(text: str) -> None:
    read = read_number(picture(text, gap=0.03), shipped())
    assert read.text == text or (read.warning is not None and "touch" in read.warning)
    assert len(read.digits) > 1


def test_a_negative_reads_the_same() -> None:
    one = picture("3.14", gap=0.05)
    assert read_number(255 - one, shipped()).text == read_number(one, shipped()).text


@pytest.mark.parametrize("text", ["-", ".", "=", "+"])
def test_marks_alone_are_no_number(text: str) -> None:
    read = read_number(picture(text), shipped())
    assert read.warning is not None and (read.digits == "" or text == ".")


def test_two_lines_are_not_mixed() -> None:
    both = np.concatenate([picture("34")[130:270], picture("70")[130:270]])
    read = read_number(both, shipped())
    assert read.digits == "3470" and read.warning is not None and "2 lines" in read.warning


def test_something_small_is_left_out_with_a_word() -> None:
    exponent = [way * 0.4 + [0.22, 0.2] for way in written("3")]
    read = read_number(255 - strokes.render([*written("7"), *exponent], 7, SIDE), shipped())
    assert read.digits == "7" and read.warning is not None


def test_cells_are_read_in_order_and_empty_ones_named() -> None:
    page = np.zeros((120, 400), np.uint8)
    for place, text in enumerate("3 70"):
        if text != " ":
            digit = 255 - picture(text)
            rows, columns = np.flatnonzero(digit.any(1)), np.flatnonzero(digit.any(0))
            crop = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            page[20 : 20 + crop.shape[0], 100 * place + 30 : 100 * place + 30 + crop.shape[1]] = crop
    cells = [(slice(5, 115), slice(100 * n + 5, 100 * n + 95)) for n in range(4)]
    read = read_cells(Page(find_ink(page), cells), shipped())
    assert [symbol.text for symbol in read.symbols] == ["3", "", "7", "0"]
    assert read.digits == "370" and read.warning == "Cell 2 of 4 is empty."
    for symbol, place in zip(read.symbols, range(4), strict=True):
        if symbol.prepared:
            left, top, right, bottom = symbol.prepared.box
            assert (left, top) == (100 * place + 30, 20) and page[top:bottom, left:right].any(0).all()
            assert not page[:, right : 100 * place + 100].any()  # the box is the page's, and holds all of the digit


@pytest.mark.parametrize(
    ("written_in", "said"),
    [
        ("3   ", "Cells 2, 3 and 4 of 4 are empty."),
        (" 7 0", "Cells 1 and 3 of 4 are empty."),
        ("    ", "All 4 cells are empty."),
    ],
)
def test_every_empty_cell_is_named(written_in: str, said: str) -> None:
    page = np.zeros((120, 400), np.float32)
    for place, text in enumerate(written_in):
        page[20:100, 100 * place + 40 : 100 * place + 50] = text != " "
    cells = [(slice(5, 115), slice(100 * n + 5, 100 * n + 95)) for n in range(4)]
    read = read_cells(Page(page, cells), shipped())
    assert read.warning == said


def test_a_bar_of_a_five_and_its_body_are_no_marks() -> None:
    body = [(0.35, 0.5), (0.2, 0.48), (0.15, 0.6), (0.4, 0.7), (0.42, 0.88), (0.25, 1.0), (0.0, 0.95)]
    bar = [(0.32, 0.24), (0.8, 0.2)]
    five = [np.array(way) * 0.2 + [0.5, 0.4] for way in (body, bar)]
    read = read_number(255 - strokes.render([*written("37"), *five], 6, SIDE), shipped())
    assert read.warning is not None or (read.text == read.digits and len(read.digits) == 3)


def test_a_one_that_is_higher_than_all_others_is_no_sure_slash() -> None:
    one = np.array([(0.45, -0.3), (0.0, 1.0)]) * 0.2 + [0.25, 0.4]
    drawn = [*written("3"), one, *(way + [0.36, 0] for way in written("7"))]
    read = read_number(255 - strokes.render(drawn, 7, SIDE), shipped())
    assert "/" not in read.text or read.warning is not None


def test_strokes_are_evened_digit_by_digit() -> None:
    drawn = Drawn(written("37"), [30.0] * 2, SIDE)
    with_pen, without = (read_number(drawn.picture, shipped(), given) for given in (drawn, None))
    alone = strokes.evened(written("3"), 30 / SIDE)
    assert alone is not None and with_pen.digits == "37"
    from tests.support.pictures import prepared

    first = with_pen.symbols[0].prepared
    assert first is not None and without.symbols[0].prepared is not None
    np.testing.assert_array_equal(first.image, prepared(alone))
    assert (without.symbols[0].prepared.image != first.image).any()


def test_a_hostile_picture_is_bounded() -> None:
    asked = []

    def answer(images: np.ndarray) -> np.ndarray:
        asked.append(len(images))
        return np.full((len(images), 10), 0.1, np.float32)

    rng = np.random.default_rng(0)
    way = np.cumsum(rng.normal(0, 0.03, (300, 2)), 0) * [3, 0.3]
    lines = strokes.fitted([way], 0.9)
    read = read_number(strokes.render(lines, 6, 700), answer)
    assert read.warning is not None
    assert sum(asked) < 1000


def test_ordinals() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 12, 21)] == ["1st", "2nd", "3rd", "4th", "12th", "21st"]
