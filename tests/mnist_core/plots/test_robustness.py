"""The robustness figure."""

import numpy as np
import pytest

from mnist_core.data.corruptions import CORRUPTIONS
from mnist_core.evaluation.robustness import Point
from mnist_core.evaluation.statistics import wilson
from mnist_core.plots.robustness import robustness_figure, robustness_in_words


def test_figure_draws_the_points_their_intervals_and_a_picture_of_each() -> None:
    corruption = CORRUPTIONS["scale"]
    points = [Point(s, 8000, 10_000) for s in sorted((1, *corruption.strengths))]
    figure = robustness_figure(corruption, {"A": points, "B": points}, [np.zeros((28, 28), np.uint8)] * 7)
    band, line, _, other = figure.data
    assert list(line.y) == [0.8] * 7
    assert min(band.y) == pytest.approx(wilson(8000, 10_000).low)
    assert len(figure.layout.images) == 7
    assert (line.line.color, line.line.dash, line.marker.symbol) != (
        other.line.color,
        other.line.dash,
        other.marker.symbol,
    )
    assert figure.layout.xaxis.ticktext[3] == "as it is"
    assert "80.0 % at 0.5" in robustness_in_words(corruption, {"A": points})
