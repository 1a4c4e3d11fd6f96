"""What the figures show and what their clicks say, against counts made by hand."""

import numpy as np
import plotly.graph_objects as go
import pytest

from mnist_core.plots import confusion_figure, confusion_in_words


@pytest.fixture
def confusion() -> np.ndarray:
    """90 right of each digit; 4 read as 9 twenty-five times, 9 as 4 nine times, 0 as 6 once."""
    counts = np.eye(10, dtype=int) * 90
    counts[4, 9], counts[9, 4], counts[0, 6] = 25, 9, 1
    return counts


def clickable(figure: go.Figure) -> dict[tuple[int | None, int | None], tuple[float, float, str]]:
    """Place and text of each point that a click can choose, by what it chooses."""
    return {
        tuple(data): (x, y, text)
        for trace in figure.data
        if trace.type == "scatter" and trace.customdata is not None
        for data, x, y, text in zip(trace.customdata, trace.x, trace.y, trace.text, strict=True)
    }


def test_every_confusion_is_a_point_in_its_row_and_column_that_says_what_it_chooses(confusion: np.ndarray) -> None:
    points = clickable(confusion_figure(confusion))
    cells = {pair: point for pair, point in points.items() if None not in pair}
    assert cells == {(4, 9): (9, 4, "25"), (9, 4): (4, 9, "9"), (0, 6): (6, 0, "1")}


def test_sums_leave_the_right_answers_out(confusion: np.ndarray) -> None:
    points = clickable(confusion_figure(confusion))
    sums = {pair: text for pair, (_, _, text) in points.items() if None in pair}
    assert sums == {
        (4, None): "25",
        (9, None): "9",
        (0, None): "1",
        (None, 9): "25",
        (None, 4): "9",
        (None, 6): "1",
        (None, None): "35",
    }


def test_rows_run_downwards_and_the_diagonal_has_no_colour(confusion: np.ndarray) -> None:
    figure = confusion_figure(confusion)
    top, bottom = figure.layout.yaxis.range[1], figure.layout.yaxis.range[0]
    assert top < 0 and bottom > 9, "row 0 is the uppermost"
    shade = figure.data[0].z
    assert all(shade[digit][digit] is None for digit in range(10))
    assert shade[4][9] == max(value for row in shade for value in row if value is not None)
    assert shade[0][6] > shade[6][0] == 0, "a pair seen once differs from one never seen"


@pytest.mark.parametrize(
    ("chosen", "frame"),
    [
        ((4, 9), (8.5, 9.5, 3.5, 4.5)),
        ((4, None), (-0.5, 9.5, 3.5, 4.5)),
        ((None, 9), (8.5, 9.5, -0.5, 9.5)),
        ((0, 0), (-0.5, 0.5, -0.5, 0.5)),
    ],
)
def test_what_is_chosen_is_framed(
    confusion: np.ndarray, chosen: tuple[int | None, int | None], frame: tuple[float, ...]
) -> None:
    (shape,) = confusion_figure(confusion, *chosen).layout.shapes
    assert (shape.x0, shape.x1, shape.y0, shape.y1) == frame


def test_nothing_chosen_and_nothing_misread() -> None:
    figure = confusion_figure(np.eye(10, dtype=int) * 90)
    assert not figure.layout.shapes
    assert clickable(figure)[None, None][2] == "0"


def test_the_words_name_the_most_frequent_confusions_first(confusion: np.ndarray) -> None:
    assert confusion_in_words(confusion).endswith(
        "Most often: 4 read as 9, 25 times; 9 read as 4, 9 times; 0 read as 6, once."
    )
    assert confusion_in_words(np.eye(10, dtype=int)).endswith("Most often: none.")


def test_the_given_counts_are_not_changed(confusion: np.ndarray) -> None:
    before = confusion.copy()
    confusion_figure(confusion, 4, 9)
    confusion_in_words(confusion)
    np.testing.assert_array_equal(confusion, before)
