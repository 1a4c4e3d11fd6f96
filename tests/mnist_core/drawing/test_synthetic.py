"""Synthetic digits: their templates, their splines, and how they are kept."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.drawing import synthetic
from mnist_core.drawing.stroke_templates import STYLES


def test_every_style_is_strokes_within_its_box_and_no_two_are_the_same() -> None:
    for styles in STYLES.values():
        for style in styles:
            for points, corners in synthetic.parse(style):
                assert len(points) > 1 and len(corners) == len(points)
                assert points.min() > -0.2 and points.max() < 1.2
        assert len(set(styles)) == len(styles)


def test_a_spline_goes_through_its_points() -> None:
    points = np.array([(0.1, 0.1), (0.9, 0.2), (0.5, 0.5), (0.6, 0.9)])
    for exponent in (0.0, 0.3, 0.5):
        way = synthetic.spline(points, exponent)
        assert np.linalg.norm(way[:, None] - points, axis=2).min(0).max() < 1e-6
        assert np.linalg.norm(np.diff(way, axis=0), axis=1).max() < 0.12


def test_a_synthetic_digit_follows_from_seed_and_index_alone() -> None:
    made = synthetic.synthesise(30)
    assert made.labels.tolist() == 3 * list(range(10))
    again, label = synthetic.image(0, 17)
    np.testing.assert_array_equal(again, made.images[17])
    assert label == 7
    assert not (synthetic.image(1, 17)[0] == again).all()


def test_they_are_made_once_and_again_where_the_file_is_damaged(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_HOME", str(home / "own"))
    made = synthetic.load(20)
    (kept,) = (home / "own" / "data" / "handwriting").iterdir()
    monkeypatch.setattr(synthetic, "image", lambda seed, index: pytest.fail("made again"))
    np.testing.assert_array_equal(synthetic.load(20).images, made.images)
    monkeypatch.undo()
    monkeypatch.setenv("MNIST_HOME", str(home / "own"))
    kept.write_bytes(kept.read_bytes()[:500])
    np.testing.assert_array_equal(synthetic.load(20).images, made.images)
