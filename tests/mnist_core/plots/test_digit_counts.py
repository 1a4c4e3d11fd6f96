"""The chart of how often each digit occurs."""

import numpy as np

from mnist_core.plots.digit_counts import digit_counts_figure


def test_bars_are_the_counts_and_an_axis_tells_how_many() -> None:
    counts = np.arange(5400, 5410), np.arange(900, 910)
    figure = digit_counts_figure(*counts)
    for bars, expected in zip(figure.data, counts, strict=True):
        assert list(bars.x) == list("0123456789")
        assert list(bars.y) == list(expected)
    assert figure.layout.yaxis.visible is not False
