"""The map of test digits as a plotly figure, plain JSON. No Streamlit."""

from typing import Any

import numpy as np

from mnist_core.evaluation.answers import Answers
from mnist_core.interpretation.projection import DigitMap

# CARTO's "Safe" scheme (as in plotly.express), told apart with most kinds of colour vision; each digit's name stands on
# its cloud besides, and a mistake has a shape of its own.
_COLOURS = ("#88CCEE", "#CC6677", "#DDCC77", "#117733", "#6699CC") + (
    "#AA4499",
    "#44AA99",
    "#999933",
    "#882255",
    "#888888",
)
_MISTAKE, _CHOSEN = "#D55E00", "#E69F00"


def map_figure(digit_map: DigitMap, answers: Answers, revision: str) -> dict[str, Any]:
    """Points coloured by their true digit, mistakes as crosses, each digit's name at the middle of its points.

    `customdata` is [index, true, predicted, the prediction's probability]. The last trace is empty: it marks the point
    that is chosen by keyboard. A zoom is kept while `revision` stays the same.
    """
    indices, places = digit_map
    true, read = answers.labels[indices].astype(int), answers.predicted[indices].astype(int)
    right = true == read
    data = np.column_stack([indices, true, read, answers.confidence[indices].astype(float).round(4)])

    def trace(which: np.ndarray, name: str, marker: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "scattergl",
            "mode": "markers",
            "name": name,
            "x": places[which, 0].round(3).tolist(),
            "y": places[which, 1].round(3).tolist(),
            "customdata": data[which].tolist(),
            "marker": marker,
            "hoverinfo": "none",  # the panel tells
        }

    ring = {"symbol": "circle-open", "size": 18, "color": _CHOSEN, "line": {"width": 3}}
    colours = [_COLOURS[digit] for digit in true[right]]
    traces = [
        trace(right, "correct, coloured by digit", {"size": 4.5, "opacity": 0.75, "color": colours}),
        trace(~right, "wrong", {"size": 8, "symbol": "x", "color": _MISTAKE}),
        {**trace(np.zeros(len(indices), bool), "", ring), "showlegend": False},
    ]
    names = [
        {"x": float(x), "y": float(y), "text": f"<b>{digit}</b>", "showarrow": False, "font": {"size": 26}}
        for digit in range(10)
        if (true == digit).any()
        for x, y in [np.median(places[true == digit], axis=0)]
    ]
    axis = {"visible": False}
    layout = {
        "xaxis": axis,
        "yaxis": axis,
        "annotations": names,
        "margin": {"l": 4, "r": 4, "t": 4, "b": 28},
        "legend": {"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "bgcolor": "rgba(0,0,0,0)"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 13},
        "hovermode": "closest",
        "uirevision": revision,
    }
    return {"data": traces, "layout": layout}
