"""What the training figures draw."""

import numpy as np

from mnist_core.training_plots import accuracy_figure, loss_figure, thin

ROWS = [
    {"samples_seen": 0, "test_loss": 2.3, "test_accuracy": 0.1},
    {"samples_seen": 64, "train_loss": 2.2},
    {"samples_seen": 704, "train_loss": 1.1},
    {"samples_seen": 60_000, "test_loss": 0.2, "test_accuracy": 0.94},
]


def test_each_row_lands_on_its_own_trace_in_order() -> None:
    train, test = loss_figure(ROWS, 180_000, "run")["data"]
    assert (train["x"], train["y"]) == ([64, 704], [2.2, 1.1])
    assert (test["x"], test["y"]) == ([0, 60_000], [2.3, 0.2])
    (accuracy,) = accuracy_figure(ROWS, 180_000, "run")["data"]
    assert (accuracy["x"], accuracy["y"]) == ([0, 60_000], [0.1, 0.94])


def test_nothing_logged_yet_draws_an_empty_frame_of_the_whole_training() -> None:
    figure = loss_figure([], 180_000, "run")
    assert [trace["x"] for trace in figure["data"]] == [[], []]
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < 0 < 180_000 < high


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
