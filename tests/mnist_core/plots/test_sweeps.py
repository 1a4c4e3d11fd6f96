"""The figures of a sweep show every trial where it is, and nothing of one that has no result."""

import math
from typing import Any

from mnist_core.plots.search_space import map_figure, parallel_figure
from mnist_core.plots.sweeps import error_rate, importance_figure, trials_figure
from mnist_core.sweeps.results import TrialRow, TrialState
from mnist_core.sweeps.space import Range, Value

SPACE = {"learning_rate": Range(low=0.001, high=0.1, log=True), "model": Range(choices=("cnn", "mlp"))}


def row(
    number: int, rate: float, accuracy: float | None, state: TrialState = "complete", model: str = "cnn"
) -> TrialRow:
    values: dict[str, Value] = {"learning_rate": rate, "model": model}
    epochs = {1: 0.5} if state == "running" else {}
    ended = 1000.0 - number  # the later numbers ended first
    return TrialRow(number, state, values, accuracy, epochs, [], [], 1.0, 1.0, ended, 1, None, "")


ROWS = [
    row(0, 0.001, 0.9),
    row(1, 0.1, 0.1, model="mlp"),
    row(2, 0.01, 0.99),
    row(3, 0.05, None, "running"),
    row(4, 0.02, None, "failed"),
    row(5, 0.03, None, "waiting"),
]


def points(figure: dict[str, Any], name: str) -> list[Any]:
    (trace,) = [trace for trace in figure["data"] if trace["name"] == name]
    return list(zip(trace["x"], trace["y"], strict=True))


def test_each_trial_with_a_result_stands_at_its_number_and_the_best_so_far_never_falls() -> None:
    figure = trials_figure(ROWS, planned=20)
    assert points(figure, "complete") == [(0, error_rate(0.9)), (1, error_rate(0.1)), (2, error_rate(0.99))]
    assert points(figure, "training") == [(3, 0.5)]
    best = [y for _, y in points(figure, "best so far")]
    assert best == sorted(best, reverse=True)
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < 0 and high > 19
    assert trials_figure([], planned=5)["data"]


def test_lines_run_across_all_axes_at_the_height_of_their_values() -> None:
    figure = parallel_figure(ROWS, SPACE)
    lines = {}
    for trace in figure["data"]:
        for begin in range(0, len(trace["x"]), 4):
            assert trace["x"][begin : begin + 4] == [0, 1, 2, None]
            lines[trace["text"][begin].partition(":")[0]] = trace["y"][begin : begin + 3]
    assert set(lines) == {"trial 0", "trial 1", "trial 2"}
    bottom, top = lines["trial 0"][0], lines["trial 1"][0]
    assert bottom < top
    assert math.isclose(lines["trial 2"][0], (bottom + top) / 2)  # 0.01 is half of the way by the logarithm
    assert lines["trial 1"][1] > lines["trial 0"][1] == lines["trial 2"][1]
    assert lines["trial 1"][2] < lines["trial 0"][2] < lines["trial 2"][2]
    colours = [trace["line"]["color"] for trace in figure["data"] if trace["x"]]
    assert len(set(colours)) == len(colours)
    assert parallel_figure([], SPACE)["layout"]


def test_where_all_are_equally_accurate_the_axis_says_nothing_else() -> None:
    for rows in ([row(0, 0.01, 0.9623)], [row(0, 0.01, 0.9623), row(1, 0.02, 0.9623)]):
        marks = parallel_figure(rows, SPACE)["layout"]["annotations"]
        assert [mark["text"] for mark in marks if mark["x"] == 2] == ["96.23 %"]


def test_a_trial_whose_values_were_lost_hides_no_other() -> None:
    lost = row(6, 0.01, 0.999)._replace(values={"learning_rate": 0.01})
    assert parallel_figure([*ROWS, lost], SPACE) == parallel_figure(ROWS, SPACE)
    assert map_figure([*ROWS, lost], SPACE, "learning_rate", "model")["data"][-1]["x"] == [0.01]


def test_the_map_has_the_scales_of_the_search_and_stars_the_best() -> None:
    figure = map_figure(ROWS, SPACE, "learning_rate", "model")
    assert (figure["layout"]["xaxis"]["type"], figure["layout"]["yaxis"]["type"]) == ("log", "category")
    assert points(figure, "best") == [(0.01, "cnn")]
    assert sum(len(trace["x"]) for trace in figure["data"] if trace["name"] != "best") == 3


def test_the_most_important_setting_is_on_top() -> None:
    (bars,) = importance_figure({"momentum": 0.2, "learning_rate": 0.8})["data"]
    assert list(zip(bars["y"], bars["x"], strict=True)) == [("Momentum", 0.2), ("Learning rate", 0.8)]
