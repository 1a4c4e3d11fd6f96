"""The data set at a glance -> a plotly figure. No Streamlit here."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.plots.style import TEST_COLOUR, TRAIN_COLOUR


def digit_counts_figure(train: np.ndarray, test: np.ndarray) -> go.Figure:
    """How often each digit occurs: `train` and `test` are counts, (10,)."""
    figure = go.Figure()
    for name, counts, colour in (("to train on", train, TRAIN_COLOUR), ("to test on", test, TEST_COLOUR)):
        figure.add_bar(
            x=[str(digit) for digit in range(10)],
            y=counts,
            name=name,
            marker_color=colour,
            hovertemplate="digit %{x}: %{y:,} " + name + "<extra></extra>",
        )
    figure.update_layout(
        height=280,
        margin={"l": 45, "r": 10, "t": 30, "b": 30},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.15},
        yaxis={"tickformat": ",", "nticks": 5, "fixedrange": True},  # on a phone a bar has no room for its number
        xaxis={"type": "category", "fixedrange": True},
        barmode="group",
        bargap=0.15,
    )
    return figure
