"""The calibration figures draw the counts."""

import numpy as np
import pytest

from mnist_core.evaluation import calibration
from mnist_core.plots.calibration import coverage_figure, reliability_figure


def test_figures_draw_the_counts(sure: tuple[np.ndarray, np.ndarray]) -> None:
    found = calibration.bins(*sure)
    figure = reliability_figure({"as given": found})
    full = [b for b in found if b.n]
    assert figure.data[1].error_y.array[0] == pytest.approx(full[0].interval.high - full[0].accuracy)
    assert [n for n in figure.data[2].y if n] == [b.n for b in full]
    curve = calibration.refusal_curve(*sure)
    assert coverage_figure(curve, curve[40]).data[2].y == (curve[40].accuracy,)
