"""Charts as SVG: where things stand, and that text is text."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.evaluation.statistics import Interval
from mnist_core.export.report.chart import Axis, Series, axis, chart, log_axis, nice_ticks

X, Y = axis("x", 0, 10), axis("y", 0, 1, percent=True)


def elements(svg: str, tag: str) -> list[dict[str, str]]:
    return [dict(found.attrib) for found in ElementTree.fromstring(svg).iter(tag)]


def plot(svg: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the plot."""
    (bottom,) = [line for line in elements(svg, "line") if line.get("class") == "axis"]
    upright = [float(line["y1"]) for line in elements(svg, "line") if line.get("class") == "grid"]
    return float(bottom["x1"]), min(upright), float(bottom["x2"]), float(bottom["y1"])


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_few_even_and_inside(low: float, span: float) -> None:
    high = low + span
    if span < 1e-6 * abs(low):  # floating point hardly tells the numbers in it apart
        return
    ticks = nice_ticks(low, high)
    assert 1 <= len(ticks) <= 7
    assert all(low - 1e-6 * span <= tick <= high + 1e-6 * span for tick in ticks)
    steps = [b - a for a, b in pairwise(ticks)]
    assert all(step == pytest.approx(steps[0], rel=1e-3) for step in steps)


def test_points_stand_where_their_values_are() -> None:
    svg = chart([Series("a", [0, 5, 10], [0, 0.25, 1], "#123456")], X, Y, "words")
    left, top, right, bottom = plot(svg)
    (path,) = [one["d"] for one in elements(svg, "path") if one["fill"] == "none"]
    points = [tuple(map(float, pair.split(","))) for pair in path.removeprefix("M").split("L")]
    expected = [(left, bottom), ((left + right) / 2, bottom - (bottom - top) / 4), (right, top)]
    for point, where in zip(points, expected, strict=True):
        assert point == pytest.approx(where, abs=0.06)


def test_intervals_as_lines_and_as_a_band() -> None:
    ends = [Interval(0.0, 1.0), Interval(0.5, 0.5)]
    one = Series("", [0, 10], [0.5, 0.5], "#123456", None, "circle", ends)
    svg = chart([one], X, Y, "words")
    _, top, _, bottom = plot(svg)
    uprights = [line for line in elements(svg, "line") if line.get("stroke") == "#123456"]
    assert [(float(line["y1"]), float(line["y2"])) for line in uprights] == [
        pytest.approx((bottom, top), abs=0.06),
        pytest.approx(((top + bottom) / 2,) * 2, abs=0.06),
    ]
    band = chart([one._replace(band=True)], X, Y, "words")
    assert [path["opacity"] for path in elements(band, "path") if "opacity" in path] == ["0.2"]


def test_text_is_text_and_said_in_words() -> None:
    foreign = '</svg><script>"&'
    svg = chart([Series(foreign, [0, 10], [0, 1], "#123456")], Axis(foreign, 0, 10, [(5, foreign)]), Y, foreign)
    root = ElementTree.fromstring(svg)
    assert root.attrib["aria-label"] == foreign
    assert [text.text for text in root.iter("text")].count(foreign) == 3
    assert {element.tag for element in root.iter()} <= {"svg", "line", "path", "text"}


def test_a_logarithmic_axis_says_the_numbers() -> None:
    found = log_axis("loss", 0.07, 2.4)
    assert [text for _, text in found.ticks] == ["0.1", "0.2", "0.5", "1", "2"]
    assert found.ticks[3][0] == 0
    assert log_axis("loss", 1, 1).high > 0  # a curve of one value has room around it


@pytest.mark.parametrize(("low", "high", "texts"), [(0, 1, ["0 %", "100 %"]), (0.975, 1, ["97.5 %", "100.0 %"])])
def test_shares_are_in_percent_with_as_many_places_as_they_need(low: float, high: float, texts: list[str]) -> None:
    ticks = [text for _, text in axis("", low, high, percent=True).ticks]
    assert [ticks[0], ticks[-1]] == texts
    assert len(set(ticks)) == len(ticks)


def test_a_legend_that_is_too_long_has_rows() -> None:
    series = [Series(f"a rather long name {i}", [0, 1], [0, 1], "#123456") for i in range(7)]
    svg = chart(series, X, Y, "words", width=480)
    texts = [text for text in ElementTree.fromstring(svg).iter("text") if "rather" in (text.text or "")]
    assert len({text.attrib["y"] for text in texts}) > 1
    assert all(float(t.attrib["x"]) + 7 * len(t.text or "") < 480 for t in texts)
    assert re.fullmatch(r"0 0 480 \d+", ElementTree.fromstring(svg).attrib["viewBox"])
