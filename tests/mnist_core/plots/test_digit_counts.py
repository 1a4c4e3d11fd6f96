"""The chart of how often each digit occurs."""

import numpy as np

from mnist_core.plots.digit_counts import digit_counts_figure


def test_numbers_are_legible_or_left_out() -> None:
    """On a phone plotly would shrink them to a few pixels."""
    figure = digit_counts_figure(np.full(10, 6000), np.full(10, 1000))
    assert figure.layout.uniformtext.mode == "hide"
    assert figure.layout.uniformtext.minsize >= 8
