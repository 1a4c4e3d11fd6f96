"""What several figures share."""

from collections.abc import Sequence

import plotly.graph_objects as go

from mnist_core.evaluation import Interval


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
