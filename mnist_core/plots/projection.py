"""The map of test digits as a plotly figure, plain JSON. No Streamlit."""

from typing import Any, NamedTuple

import numpy as np

from mnist_core.evaluation.answers import Answers
from mnist_core.interpretation.over_epochs.maps import Maps
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


_RING = {"symbol": "circle-open", "size": 18, "color": _CHOSEN, "line": {"width": 3}}
_OWN = {"symbol": "star", "size": 20, "color": "#000000", "line": {"width": 2, "color": "#FFFFFF"}}
_ROOM = 0.06  # beyond the outermost digits, of the width of all


class Own(NamedTuple):
    """The reader's digit on a map."""

    place: np.ndarray  # float (2,)
    name: str


def map_figure(
    digit_map: DigitMap, answers: Answers, revision: str, own: Own | None = None, lasso: bool = False
) -> dict[str, Any]:
    """Points coloured by their true digit, mistakes as crosses, each digit's name at the middle of its points.

    `customdata` is [index, true, predicted, the prediction's probability]. The third trace is empty: it marks the point
    that is chosen by keyboard. The fourth, where there is one, is the reader's `own` digit. A zoom is kept while
    `revision` stays the same. With `lasso` a drag chooses digits rather than a part to enlarge.
    """
    indices, places = digit_map
    read, confidence = answers.predicted[indices].astype(int), answers.confidence[indices]
    data, names = _drawn(indices, places, answers.labels[indices].astype(int), read, confidence, own)
    return {"data": data, "layout": _layout(names, revision, lasso)}


def maps_figure(maps: Maps, labels: np.ndarray, revision: str, own: list[Own] | None = None) -> dict[str, Any]:
    """The same after each of several epochs, for a slider: `epochs`, and the traces of each in `steps`.

    `labels` (10000,) are the test digits' own; `own` is where the reader's digit lies after each epoch. The axes hold
    all of the epochs, so that nothing but the digits moves.
    """
    true = labels[maps.indices].astype(int)
    steps = []
    for step, places in enumerate(maps.places):
        its = None if own is None else own[step]
        data, names = _drawn(maps.indices, places, true, maps.predicted[step], maps.confidence[step], its)
        steps.append({"data": data, "annotations": names})
    layout = _layout(steps[-1]["annotations"], revision, lasso=True)
    every = np.concatenate([*maps.places, *([[one.place for one in own]] if own else [])])
    for name, values in zip(("xaxis", "yaxis"), every.T, strict=True):
        room = _ROOM * max(float(np.ptp(values)), 1e-6)
        layout[name] = layout[name] | {"range": [float(values.min()) - room, float(values.max()) + room]}
    return {"data": steps[-1]["data"], "layout": layout, "epochs": maps.epochs, "steps": steps}


def _drawn(
    indices: np.ndarray,
    places: np.ndarray,
    true: np.ndarray,
    read: np.ndarray,
    confidence: np.ndarray,
    own: Own | None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The traces, and the digits' names at the middle of their points."""
    right = true == read
    data = np.column_stack([indices, true, read, confidence.astype(float).round(4)])

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

    colours = [_COLOURS[digit] for digit in true[right]]
    traces = [
        trace(right, "correct, coloured by digit", {"size": 4.5, "opacity": 0.75, "color": colours}),
        trace(~right, "wrong", {"size": 8, "symbol": "x", "color": _MISTAKE}),
        {**trace(np.zeros(len(indices), bool), "", _RING), "showlegend": False},
    ]
    if own is not None:
        x, y = (round(float(value), 3) for value in own.place)
        star = {"type": "scattergl", "mode": "markers", "name": own.name, "x": [x], "y": [y], "marker": _OWN}
        traces.append(star | {"hoverinfo": "name"})
    names = [
        {"x": float(x), "y": float(y), "text": f"<b>{digit}</b>", "showarrow": False, "font": {"size": 26}}
        for digit in range(10)
        if (true == digit).any()
        for x, y in [np.median(places[true == digit], axis=0)]
    ]
    return traces, names


def _layout(names: list[dict[str, Any]], revision: str, lasso: bool) -> dict[str, Any]:
    axis = {"visible": False}
    return {
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
    } | ({"dragmode": "lasso"} if lasso else {})
