"""Columns of a growing file, smoothing, the best epoch, and the gap between training and test."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_core.runs.logs.metrics import Best, Curves, MetricsReader, smooth
from mnist_core.runs.logs.rows import best_validated
from tests.support.run_folders import add

ROWS: list[dict[str, Any]] = [
    {"step": 0, "epoch": 0, "samples_seen": 0, "test_loss": 2.3, "test_accuracy": 0.1},
    {"step": 1, "epoch": 0, "samples_seen": 64, "train_loss": 2.2, "learning_rate": 0.01},
    {
        "step": 2,
        "epoch": 0,
        "samples_seen": 128,
        "train_loss": 1.0,
        "layers": {"fc1": {"gradient_norm": 0.5, "dead_share": None}, "fc2": {"gradient_norm": 0.25}},
    },
    {"step": 2, "epoch": 1, "samples_seen": 128, "test_loss": 1.5, "test_accuracy": 0.9},
    {"step": 4, "epoch": 2, "samples_seen": 256, "test_loss": 1.2, "test_accuracy": 0.9},
]


def test_each_quantity_is_a_column_against_the_digits_seen() -> None:
    curves = Curves(ROWS[:2])
    curves.extend(ROWS[2:])
    seen, losses = curves["train_loss"]
    assert (seen.tolist(), losses.tolist()) == ([64, 128], [2.2, 1.0])
    assert curves["layers/fc2/gradient_norm"][1].tolist() == [0.25]
    assert curves.layers("gradient_norm") == ["fc1", "fc2"]
    assert curves.layers("dead_share") == []
    assert len(curves["nothing"][0]) == 0
    assert (curves.last("train_loss"), curves.last("nothing"), curves.rows) == (1.0, None, 5)


def test_a_column_that_was_handed_out_does_not_grow_and_does_not_hold_the_curve_up() -> None:
    curves = Curves(ROWS[:2])
    seen, _ = curves["train_loss"]
    curves.extend(ROWS[2:3])
    assert seen.tolist() == [64]


@pytest.mark.parametrize("amount", [0.0, 0.5, 0.99])
def test_smoothing_is_the_mean_weighted_by_powers_of_the_amount(amount: float) -> None:
    values = np.random.default_rng(0).normal(size=200)
    expected = [np.average(values[: n + 1], weights=amount ** np.arange(n, -1, -1.0)) for n in range(len(values))]
    assert np.allclose(smooth(values, amount), expected, rtol=1e-12)
    assert len(smooth(values[:0], amount)) == 0


def test_smoothing_of_a_constant_is_that_constant_from_the_first_point_on() -> None:
    assert np.allclose(smooth(np.full(50, 2.3), 0.99), 2.3)


def test_the_best_epoch_goes_by_validation_where_there_is_any_and_the_earliest_of_equals_wins() -> None:
    assert Curves().best() is None
    assert Curves(ROWS).best() == Best(1, 128, "test")
    tests = zip((0, 128, 256), (0.1, 0.8, 0.95), strict=True)
    held_out = [{"samples_seen": n, "validation_accuracy": accuracy} for n, accuracy in tests]
    assert Curves([*ROWS, *held_out]).best() == Best(2, 256, "validation")


def test_the_gap_is_the_last_test_loss_minus_the_training_loss_up_to_then() -> None:
    assert Curves().gap() is None
    assert Curves(ROWS[:1]).gap() is None
    later = [{"samples_seen": 300, "train_loss": 100.0}]  # after the last test: it does not count
    trained = (0.5 * 2.2 + 1.0) / 1.5
    assert Curves(ROWS + later).gap(smoothing=0.5) == pytest.approx(1.2 - trained)


def test_reader_follows_a_growing_curve_and_starts_over_when_it_is_cut(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    path = run.path / "metrics.jsonl"
    reader = MetricsReader(run)
    assert reader.read() == []
    lines = {step: json.dumps({"step": step, "epoch": 0, "samples_seen": 0}) + "\n" for step in (1, 2, 3, 20, 30, 40)}
    with path.open("a") as file:
        file.write(lines[1] + lines[2] + lines[3][:4])
        file.flush()
        assert [row["step"] for row in reader.read()] == [1, 2]
        file.write(lines[3][4:])
    assert [row["step"] for row in reader.read()] == [1, 2, 3]
    other = run.path / "new"
    other.write_text(lines[1] + lines[20] + lines[30] + lines[40])  # longer than before
    other.replace(path)
    assert [row["step"] for row in reader.read()] == [1, 20, 30, 40]


def test_the_best_epoch_is_known_by_its_number_and_the_untrained_network_is_none() -> None:
    accuracies = {0: 0.99, 1: 0.5, 3: 0.8, 4: 0.8, 5: 0.7}  # the row of epoch 2 was lost
    rows: list[dict[str, Any]] = [{"epoch": epoch, "validation_accuracy": value} for epoch, value in accuracies.items()]
    best = best_validated([{"epoch": 1, "train_loss": 1.0}, *rows])
    assert best is not None and best["epoch"] == 3
    assert best_validated(rows[:1]) is None and best_validated([{"epoch": 1, "test_accuracy": 0.9}]) is None
