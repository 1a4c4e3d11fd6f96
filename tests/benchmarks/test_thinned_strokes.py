"""Digits thinned to strokes: drawn again with their own pen they are the digits they were."""

import numpy as np

from benchmarks.drawing import thinning
from mnist_core.data.mnist import load_arrays
from mnist_core.drawing.strokes import render


def test_a_line_and_a_ring_come_back_as_strokes() -> None:
    y, x = np.mgrid[:28, :28]
    distance = np.hypot(x - 13.5, y - 13.5)
    ring = np.where(np.abs(distance - 8) < 1.5, 255, 0).astype(np.uint8)
    line = np.where((np.abs(x - 13.5) < 1.6) & (y >= 5) & (y < 23), 255, 0).astype(np.uint8)
    (round_one,), (straight,) = thinning.digit_strokes(np.stack([ring, line]))
    radii = np.hypot(*(round_one * 28 - 14).T)
    assert (round_one[0] == round_one[-1]).all() and np.abs(radii - 8).max() < 1
    assert np.abs(straight[:, 0] * 28 - 14).max() < 0.5 and np.ptp(straight[:, 1]) * 28 > 12


def test_mnists_digits_lie_where_they_lay(home: object) -> None:
    images = load_arrays("test").images[:20]
    shares = []
    for image, drawn in zip(images, thinning.digit_strokes(images), strict=True):
        again = render(drawn, 2.6, 28)
        ink, painted = image >= 128, again >= 128
        shares.append((ink & painted).sum() / (ink | painted).sum())
    assert min(shares) > 0.4 and np.mean(shares) > 0.6  # their own pens are thicker and thinner
