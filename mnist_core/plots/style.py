"""What several figures share."""

from collections.abc import Sequence

import plotly.graph_objects as go

from mnist_core.evaluation.statistics import Interval


def interval_band(x: Sequence[float], intervals: Sequence[Interval], colour: str) -> go.Scatter:
    """The intervals over `x` as a pale band, to be drawn beneath the line that they belong to."""
    return go.Scatter(
        x=[*x, *reversed(x)],
        y=[interval.high for interval in intervals] + [interval.low for interval in reversed(intervals)],
        fill="toself",
        fillcolor=colour,
        opacity=0.25,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )


# Okabe and Ito's colours (2008), distinguishable with any colour vision, on light and dark paper alike; training,
# test and validation differ by their marks as well.
TRAIN_COLOUR, TEST_COLOUR, VALIDATION_COLOUR, CHANGE_COLOUR = "#2F86C9", "#D55E00", "#009E73", "#CC79A7"
