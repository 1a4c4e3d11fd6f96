"""Figures of several runs: told apart without colours, thinned, and with names that are text."""

import json

import numpy as np
import pytest

from mnist_core.comparison.curves import Band, Line
from mnist_core.evaluation.statistics import wilson
from mnist_core.plots.comparison import Dots, Point, Series, curves_figure, dots_figure, front_figure
from mnist_core.plots.training import MAX_POINTS

LINE = Line(np.arange(3.0), np.array([0.5, 0.9, 1.0]))


def test_thirty_curves_are_told_apart_by_colour_and_dash_together() -> None:
    figure = curves_figure([Series(str(i), LINE, None, i) for i in range(30)], "train_loss", "digits")
    looks = {(trace["line"]["color"], trace["line"]["dash"]) for trace in figure["data"]}
    assert len(looks) == 30
    first, second = (trace["line"] for trace in figure["data"][:2])
    assert first["dash"] != second["dash"]


def test_long_curves_are_thinned_and_keep_their_end() -> None:
    long = Line(np.arange(50_000.0), np.sin(np.arange(50_000.0)))
    (trace,) = curves_figure([Series("a", long)], "train_loss", "digits")["data"]
    assert len(trace["x"]) <= MAX_POINTS
    assert trace["x"][-1] == 49_999


def test_accuracies_on_a_log_axis_are_errors_also_of_a_band() -> None:
    band = Band(LINE.x, LINE.y, LINE.y - 0.1, LINE.y)
    figure = curves_figure([Series("a", LINE, band)], "test_accuracy", "epochs", log_y=True)
    low, high, mean = figure["data"]
    assert mean["y"] == pytest.approx([0.5, 0.1, 1e-5])
    assert low["y"] == pytest.approx([0.5, 0.1, 1e-5])
    assert high["y"] == pytest.approx([0.6, 0.2, 0.1])
    assert mean["customdata"] == [0.5, 0.9, 1.0]
    assert figure["layout"]["yaxis"]["type"] == "log"


def test_a_name_is_no_mark_up_and_figures_are_plain_json() -> None:
    evil = '<a href="http://evil.example">x</a>'
    figures = [
        curves_figure([Series(evil, LINE)], "test_loss", "seconds"),
        dots_figure([Dots(evil, (0.97, wilson(9700, 10_000), 10_000), None)]),
        front_figure([Point(evil, 1.0, 0.9), Point("b", 2.0, 0.8)], [0], [0], "seconds", "accuracy"),
    ]
    for figure in figures:
        assert "<a href" not in json.dumps(figure)


def test_dots_carry_their_intervals() -> None:
    interval = wilson(4800, 5000)
    test, validation = dots_figure(
        [Dots("a", (0.97, wilson(9700, 10_000), 10_000), (0.96, interval, 5000)), Dots("b", None, None)]
    )["data"]
    assert (test["name"], test["x"]) == ("Test accuracy", [0.97])
    assert validation["error_x"]["array"] == pytest.approx([interval.high - 0.96])
    assert validation["error_x"]["arrayminus"] == pytest.approx([0.96 - interval.low])
    assert "n = 5,000" in validation["text"][0]


def test_of_ten_thousand_runs_the_front_and_the_chosen_are_all_there() -> None:
    points = [Point(str(i), float(i), i / 20_000) for i in range(10_000)]
    others, front, chosen = front_figure(points, [1, 9_999], [3, 9_998], "seconds", "accuracy")["data"]
    assert len(others["x"]) <= MAX_POINTS + 2
    assert front["x"] == [1.0, 9_999.0]
    assert chosen["x"] == [3.0, 9_998.0]
