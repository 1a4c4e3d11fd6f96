"""The learning-rate finder's curve -> a plotly figure as plain JSON. No Streamlit."""

from collections.abc import Sequence
from typing import Any

from mnist_core.plots.style import CHANGE_COLOUR, LASTING, TEST_COLOUR, TRAIN_COLOUR, axis


def rate_finder_figure(points: Sequence[tuple[float, float, float]], suggestion: float | None) -> dict[str, Any]:
    """The loss of each update and its smoothed course against the rate, with the suggestion as an upright line.

    `points` are (rate, loss, smoothed loss).
    """
    rates, losses, smoothed = ([point[i] for point in points] for i in range(3))
    line = {"type": "scatter", "mode": "lines", "x": rates}
    traces: list[dict[str, Any]] = [
        line
        | {"name": "loss", "y": losses, "line": {"color": TRAIN_COLOUR, "width": 1}, "opacity": 0.35}
        | {"hovertemplate": "rate %{x:.2g}: loss %{y:.3f}<extra></extra>"},
        line
        | {"name": "smoothed", "y": smoothed, "line": {"color": TEST_COLOUR, "width": 2.4}}
        | {"hovertemplate": "rate %{x:.2g}: smoothed %{y:.3f}<extra></extra>"},
    ]
    highest = 1.3 * max(smoothed[: max(len(smoothed) // 2, 1)], default=3.0)
    marks = [10.0**power for power in range(-5, 2)]
    layout = LASTING | {
        "xaxis": axis("learning rate")
        | {"type": "log", "range": [-5, 1], "tickvals": marks, "ticktext": [f"{mark:g}" for mark in marks]},
        "yaxis": axis("loss") | {"range": [0, highest]},
    }
    if suggestion is not None:
        upright = {"type": "line", "xref": "x", "yref": "paper", "x0": suggestion, "x1": suggestion, "y0": 0, "y1": 1}
        layout["shapes"] = [upright | {"line": {"color": CHANGE_COLOUR, "width": 2, "dash": "dot"}}]
    return {"data": traces, "layout": layout}
