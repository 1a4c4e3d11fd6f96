"""What the training figures draw."""

import json
from typing import Any

import numpy as np
import pytest

from mnist_core.plots.training import (
    ERROR_RATE,
    Change,
    Frame,
    accuracy_figure,
    layers_figure,
    loss_figure,
    rate_figure,
    thin,
)
from mnist_core.runs.logs.metrics import Curves

ROWS: list[dict[str, Any]] = [
    {"samples_seen": 0, "test_loss": 2.3, "test_accuracy": 0.1},
    {"samples_seen": 64, "train_loss": 2.2, "learning_rate": 0.01, "momentum": 0.5},
    {"samples_seen": 704, "train_loss": 1.1, "learning_rate": 0.01, "momentum": 0.5},
    {"samples_seen": 60_000, "test_loss": 0.2, "test_accuracy": 0.94},
]
FRAME = Frame(180_000, "run")


def by_name(figure: dict[str, Any]) -> dict[str, Any]:
    return {trace["name"]: trace for trace in figure["data"]}


def test_the_first_point_alone_is_seen() -> None:
    first = by_name(loss_figure(Curves(ROWS[1:2]), FRAME, smoothing=0.5))
    more = by_name(loss_figure(Curves(ROWS), FRAME, smoothing=0.5))
    for name in ("Training loss", "Training loss, smoothed"):
        assert (first[name]["mode"], more[name]["mode"]) == ("markers", "lines")


def test_each_row_lands_on_its_own_trace_in_order() -> None:
    traces = by_name(loss_figure(Curves(ROWS), FRAME))
    assert (traces["Training loss"]["x"], traces["Training loss"]["y"]) == ([64, 704], [2.2, 1.1])
    assert (traces["Test loss"]["x"], traces["Test loss"]["y"]) == ([0, 60_000], [2.3, 0.2])
    accuracy = by_name(accuracy_figure(Curves(ROWS), FRAME))["Test accuracy"]
    assert (accuracy["x"], accuracy["y"]) == ([0, 60_000], [0.1, 0.94])
    rate = by_name(rate_figure(Curves(ROWS), FRAME))["Learning rate"]
    assert (rate["x"], rate["y"]) == ([64, 704], [0.01, 0.01])


def test_smoothing_draws_a_second_line_over_a_faint_first() -> None:
    traces = by_name(loss_figure(Curves(ROWS), FRAME, smoothing=0.5))
    assert traces["Training loss"]["y"] == [2.2, 1.1]
    assert traces["Training loss"]["opacity"] < 0.5
    assert traces["Training loss, smoothed"]["y"] == pytest.approx([2.2, (0.5 * 2.2 + 1.1) / 1.5])


def test_the_best_epoch_is_ringed_and_says_whether_it_may_be_chosen_by() -> None:
    figure = accuracy_figure(Curves(ROWS), FRAME)
    ring = figure["data"][-1]
    assert (ring["x"], ring["y"], "not to choose by" in ring["name"]) == ([60_000], [0.94], True)
    held_out = [
        {"samples_seen": n, "validation_accuracy": a, "validation_loss": 1 - a} for n, a in ((0, 0.1), (60_000, 0.9))
    ]
    traces = by_name(loss_figure(Curves(ROWS + held_out), FRAME))
    assert traces["Validation loss"]["y"] == pytest.approx([0.9, 0.1])
    ring = traces["Best epoch: 1, by validation"]
    assert (ring["x"], ring["y"]) == ([60_000], pytest.approx([0.1]))


def test_the_error_rate_is_what_is_missing_to_all() -> None:
    figure = accuracy_figure(Curves(ROWS), FRAME, ERROR_RATE)
    assert figure["data"][0]["y"] == pytest.approx([0.9, 0.06])
    assert figure["data"][0]["customdata"] == [0.1, 0.94]  # what the hover shows
    assert figure["layout"]["yaxis"]["type"] == "log"
    perfect = Curves([{"samples_seen": 0, "test_accuracy": 1.0}])
    assert accuracy_figure(perfect, FRAME, ERROR_RATE)["data"][0]["y"][0] > 0


@pytest.mark.parametrize("log", [True, False])
def test_a_changed_rate_stands_where_it_was_changed(log: bool) -> None:
    figure = loss_figure(Curves(ROWS), Frame(180_000, "run", [Change(320, "learning rate 0.01 to 0.003")]), log=log)
    mark = by_name(figure)["Rate changed"]
    assert (mark["x"], mark["text"], mark["yaxis"]) == ([320], ["learning rate 0.01 to 0.003"], "y2")
    (line,) = figure["layout"]["shapes"]
    assert (line["x0"], line["x1"], line["yref"]) == (320, 320, "paper")


def test_layers_are_lines_of_their_own() -> None:
    layers = {"fc1": {"gradient_norm": 0.5, "dead_share": 0.1}, "fc2": {"gradient_norm": 0.0, "dead_share": None}}
    curves = Curves([*ROWS, {"samples_seen": 704, "layers": layers}])
    norms = by_name(layers_figure(curves, FRAME, "gradient_norm"))
    assert list(norms) == ["fc1", "fc2"]
    assert norms["fc1"]["y"] == [0.5]
    assert norms["fc2"]["y"][0] > 0, "a log axis has no zero"
    assert list(by_name(layers_figure(curves, FRAME, "dead_share"))) == ["fc1"]


@pytest.mark.parametrize("draw", [loss_figure, accuracy_figure, rate_figure, layers_figure])
def test_nothing_logged_yet_draws_an_empty_frame_of_the_whole_training(draw: Any) -> None:
    figure = draw(Curves(), FRAME)
    assert not any(trace["x"] for trace in figure["data"])
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < 0 < 180_000 < high


def test_what_is_sent_to_the_browser_is_bounded_however_long_the_run() -> None:
    n = 100_000
    losses = np.random.default_rng(0).normal(1, 0.1, n)
    rows = [{"samples_seen": i, "train_loss": losses[i], "learning_rate": 0.01, "momentum": 0.5} for i in range(n)]
    curves = Curves(rows)
    for figure in (loss_figure(curves, FRAME, 0.9), rate_figure(curves, FRAME)):
        assert max(len(trace["x"]) for trace in figure["data"]) <= 1000
        assert len(json.dumps(figure)) < 100_000


def test_thinning_keeps_the_ends_and_every_peak_and_is_bounded() -> None:
    x = np.arange(1_000_000)
    y = np.random.default_rng(0).normal(size=len(x))
    y[123_456], y[654_321] = 50, -50
    thin_x, thin_y = thin(x, y)
    assert len(thin_x) <= 1000
    assert (thin_x[0], thin_x[-1]) == (0, 999_999)
    assert (np.diff(thin_x) > 0).all()
    assert {50, -50} <= set(thin_y)
    assert np.array_equal(y[thin_x], thin_y)


def test_thinning_leaves_a_short_curve_alone() -> None:
    x = np.arange(1000)
    assert thin(x, x * 2.0)[0] is x
