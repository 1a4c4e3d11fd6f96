"""The boxes of forms are found where they were printed."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.drawing.ink.find import find_page

Cell = tuple[int, int, int, int]  # left, top, right, bottom
HIGH, WIDE = 50, 40


def joined(left: int, top: int, count: int) -> list[Cell]:
    return [(left + k * WIDE, top, left + (k + 1) * WIDE, top + HIGH) for k in range(count)]


FORMS: dict[str, list[Cell]] = {
    "joined": joined(15, 12, 6),
    "apart": [(15 + k * 55, 12, 55 + k * 55, 62) for k in range(4)],
    "a date": [*joined(10, 12, 2), *joined(102, 12, 2), *joined(194, 12, 4)],
    "two rows": [*joined(15, 10, 5), *joined(15, 10 + HIGH, 5)],
    "two rows apart": [*joined(15, 10, 5), *joined(15, 80, 5)],
    "one": joined(20, 15, 1),
}


def printed(cells: list[Cell], width: int = 2, tilt: float = 0, radius: int = 0, is_comb: bool = False) -> np.ndarray:
    """A form, uint8, with a stroke in every second cell."""
    wide, high = max(cell[2] for cell in cells) + 20, max(cell[3] for cell in cells) + 20
    picture = Image.new("L", (4 * wide, 4 * high), 230)
    draw = ImageDraw.Draw(picture)
    for place, (left, top, right, bottom) in enumerate(cells):
        if is_comb:
            draw.line([4 * left, 4 * bottom, 4 * right, 4 * bottom], 40, 4 * width)
            for x in (left, right):
                draw.line([4 * x, 4 * bottom - 64, 4 * x, 4 * bottom], 40, 4 * width)
        else:
            draw.rounded_rectangle([4 * left, 4 * top, 4 * right, 4 * bottom], 4 * radius, None, 40, 4 * width)
        if place % 2 == 0:
            middle = (left + right) / 2
            draw.line([4 * middle + 24, 4 * top + 40, 4 * middle - 16, 4 * bottom - 48], 60, 14)
    turned = picture.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=230)
    return np.array(turned.reduce(4))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("width", "tilt", "radius"), [(1, 0, 0), (3, 0, 0), (2, 2, 0), (2, -2, 4)])
def test_each_cell_is_found_in_reading_order(form: str, width: int, tilt: float, radius: int) -> None:
    if form in ("joined", "a date", "two rows"):
        radius = 0  # boxes that share a side have no corners
    picture = printed(FORMS[form], width, tilt, radius)
    page = find_page(picture)
    assert len(page.cells) == len(FORMS[form])
    height, wide = picture.shape
    turn = np.exp(-1j * np.radians(tilt))
    for (rows, columns), (left, top, right, bottom) in zip(page.cells, FORMS[form], strict=True):
        middle = complex((left + right) / 2 - wide / 2, (top + bottom) / 2 - height / 2) * turn
        assert abs((columns.start + columns.stop) / 2 - wide / 2 - middle.real) < 4
        assert abs((rows.start + rows.stop) / 2 - height / 2 - middle.imag) < 4


def test_cells_hold_what_was_written_in_them_and_nothing_else() -> None:
    page = find_page(printed(FORMS["a date"]))
    assert [bool((page.ink[cell] > 0.2).any()) for cell in page.cells] == [True, False] * 4
    outside = page.ink.copy()
    for cell in page.cells:
        outside[cell] = 0
    assert outside.max() < 0.2


@pytest.mark.parametrize("tilt", [0, 1.5])
def test_a_comb_has_cells(tilt: float) -> None:
    cells = joined(15, 20, 6)
    page = find_page(printed(cells, 2, tilt, is_comb=True))
    assert [bool((page.ink[cell] > 0.2).any()) for cell in page.cells] == [True, False] * 3


def test_a_double_frame_is_one_cell() -> None:
    picture = printed([(20, 20, 120, 140)], 3)
    picture[24:136, 24:116] = 230
    inner = printed([(28, 28, 112, 132)], 1)
    high, wide = inner.shape
    picture[:high, :wide] = np.minimum(picture[:high, :wide], inner)
    assert len(find_page(picture).cells) == 1


def test_squared_paper_is_no_form() -> None:
    y, x = np.mgrid[:200, :260]
    picture = np.where((y % 22 < 2) | (x % 22 < 2), 60, 230).astype(np.uint8)
    picture[60:140, 120:128] = 40
    assert find_page(picture).cells == []
