"""How a network's weights and activations changed over the epochs, as plotly figures, plain JSON. No Streamlit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mnist_core.interpretation.over_epochs.weights import Histograms
from mnist_core.plots.style import DASHES, LASTING, MARKS, SERIES_COLOURS, TEST_COLOUR, TRAIN_COLOUR, axis

MOST_LINES = 8  # of epochs in one figure of histograms


def distance_figure(epochs: Sequence[int], by_layer: Mapping[str, np.ndarray], title: str) -> dict[str, Any]:
    """How far each layer is from its start after each of the epochs: one line a layer."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": list(epochs),
            "y": distances.round(6).tolist(),
            "line": {"color": SERIES_COLOURS[number % len(SERIES_COLOURS)], "dash": DASHES[number % len(DASHES)]},
            "marker": {"symbol": MARKS[number % len(MARKS)], "size": 7},
            "hovertemplate": f"{name}<br>epoch %{{x}}: %{{y:.3g}}<extra></extra>",
        }
        for number, (name, distances) in enumerate(by_layer.items())
    ]
    x_axis = axis("Epoch") | {"dtick": max(1, -(-(epochs[-1] - epochs[0]) // 10))}
    return {"data": traces, "layout": {**LASTING, "xaxis": x_axis, "yaxis": axis(title) | {"rangemode": "tozero"}}}


def histogram_figure(epochs: Sequence[int], found: Histograms, title: str) -> dict[str, Any]:
    """The share of values in each bin after some of the epochs, a line each.

    The first is dotted, the last is strong and orange, those between are blue.
    """
    places = sorted({round(place) for place in np.linspace(0, len(epochs) - 1, min(MOST_LINES, len(epochs)))})
    middles = ((found.edges[1:] + found.edges[:-1]) / 2).round(6).tolist()
    traces = []
    for place in places:
        counts = found.counts[place]
        is_first, is_last = place == places[0], place == places[-1]
        strength = 0.25 + 0.6 * places.index(place) / max(len(places) - 1, 1)
        line = {"color": TEST_COLOUR if is_last else TRAIN_COLOUR, "width": 2.6 if is_last else 1.6, "shape": "hvh"}
        name = "before the first step" if epochs[place] == 0 else f"epoch {epochs[place]}"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": name,
                "x": middles,
                "y": (counts / counts.sum()).round(6).tolist(),
                "line": line | ({"dash": "dot"} if is_first and not is_last else {}),
                "opacity": 1.0 if is_last or is_first else strength,
                "hovertemplate": f"{name}<br>%{{x:.3g}}: %{{y:.2%}}<extra></extra>",
            }
        )
    x_axis = axis(title) | {"zeroline": True}
    y_axis = axis("Share of the values") | {"rangemode": "tozero", "tickformat": ".0%"}
    return {"data": traces, "layout": {**LASTING, "xaxis": x_axis, "yaxis": y_axis}}
