"""Curves of several runs, bands of seeds and the front, against what was worked out by hand and by force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.comparison.curves import Axis, Line, band, line
from mnist_core.comparison.entry import Entry
from mnist_core.comparison.front import front
from mnist_core.runs.logs.metrics import Curves

ENTRY = Entry(
    run="a",
    state="finished",
    created=1.0,
    changed={"validation_size": 10_000},
    epoch=2,
    samples_seen=100_000,
    train_seconds=20.0,
)
CURVES = Curves(
    {"samples_seen": seen, "train_loss": loss, "learning_rate": 0.01}
    for seen, loss in [(0, 3.0), (50_000, 1.0), (100_000, 2.0)]
)


@pytest.mark.parametrize(
    ("axis", "x"), [("digits", [0, 50_000, 100_000]), ("epochs", [0, 1, 2]), ("seconds", [0, 10, 20])]
)
def test_a_curve_stands_on_any_axis(axis: Axis, x: list[float]) -> None:
    found = line(CURVES, ENTRY, "train_loss", axis)
    assert found.x.tolist() == x
    assert found.y.tolist() == [3.0, 1.0, 2.0]


def test_only_the_training_loss_is_smoothed_and_without_a_bias_to_zero() -> None:
    smoothed = line(CURVES, ENTRY, "train_loss", "digits", smoothing=0.5).y
    assert smoothed == pytest.approx([3.0, (0.5 * 3 + 1) / 1.5, (0.25 * 3 + 0.5 * 1 + 2) / 1.75])
    assert line(CURVES, ENTRY, "learning_rate", "digits", smoothing=0.5).y.tolist() == [0.01] * 3


def test_a_band_is_where_all_its_curves_are() -> None:
    one = Line(np.array([0.0, 2.0, 4.0]), np.array([0.0, 2.0, 4.0]))
    other = Line(np.array([1.0, 3.0]), np.array([5.0, 1.0]))
    found = band([one, other])
    assert found is not None
    assert found.x.tolist() == [1, 2, 3]
    assert found.low.tolist() == [1, 2, 1]
    assert found.high.tolist() == [5, 3, 3]
    assert found.mean.tolist() == [3, 2.5, 2]
    assert band([]) is None
    assert band([one, Line(np.array([9.0]), np.array([1.0]))]) is None
    many = Line(np.linspace(0, 1, 5000), np.zeros(5000))
    thinned = band([many, many], points=100)
    assert thinned is not None and len(thinned.x) == 100


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=30))
def test_front_is_what_no_other_beats(points: list[tuple[int, int]]) -> None:
    def beats(one: tuple[int, int], other: tuple[int, int]) -> bool:
        return one[0] <= other[0] and one[1] >= other[1] and one != other

    by_force = {i for i, each in enumerate(points) if not any(beats(other, each) for other in points)}
    found = front([float(cost) for cost, _ in points], [float(accuracy) for _, accuracy in points])
    assert set(found) == by_force
    assert [points[i][0] for i in found] == sorted(points[i][0] for i in found)
