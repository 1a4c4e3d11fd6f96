"""A run's metrics -> plotly figures as plain JSON: the loss, and the test accuracy beside it. No Streamlit here.

Both axes of samples are fixed to the whole training, so that nothing moves while points arrive.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

# Two of Okabe and Ito's colours (2008), distinguishable with any colour vision, on light and dark paper alike.
TRAIN_COLOUR, TEST_COLOUR = "#2F86C9", "#D55E00"
MAX_POINTS = 1000  # of a trace: about one a pixel

Rows = Sequence[dict[str, Any]]


def loss_figure(rows: Rows, total_samples: int, revision: str) -> dict[str, Any]:
    """Training loss against samples seen, with the test losses on it as markers.

    `rows` are those of metrics.jsonl; a zoom is kept while `revision` stays the same.
    """
    seen, losses = _columns(rows, "train_loss")
    seen, losses = thin(seen, losses)
    test_seen, test_losses = _columns(rows, "test_loss")
    train = {
        "type": "scattergl" if len(seen) > 5000 else "scatter",
        "mode": "lines",
        "name": "Training loss",
        "x": seen.tolist(),
        "y": losses.tolist(),
        "line": {"color": TRAIN_COLOUR, "width": 1.3},
        "hovertemplate": "%{x:,} samples<br>training loss %{y:.4f}<extra></extra>",
    }
    test = _test_markers(test_seen, test_losses, "Test loss", "test loss %{y:.4f}")
    layout = _layout("Loss", total_samples, revision)
    layout["yaxis"] |= {"rangemode": "tozero"}
    return {"data": [train, test], "layout": layout}


def accuracy_figure(rows: Rows, total_samples: int, revision: str) -> dict[str, Any]:
    """Test accuracy against samples seen, one marker a test."""
    seen, accuracies = _columns(rows, "test_accuracy")
    markers = _test_markers(seen, accuracies, "Test accuracy", "test accuracy %{y:.2%}") | {
        "mode": "lines+markers",
        "line": {"color": TEST_COLOUR, "width": 1.3, "dash": "dot"},
    }
    layout = _layout("Test accuracy", total_samples, revision)
    layout["yaxis"] |= {"tickformat": ".0%", "range": [0, 1.02]}
    return {"data": [markers], "layout": layout}


def thin(x: np.ndarray, y: np.ndarray, points: int = MAX_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """At most `points` of a curve that keep its shape: first, last, and each stretch's lowest and highest point.

    `x` and `y` are (n,), x ascending. The newest point is always there.
    """
    if len(x) <= points:
        return x, y
    edges = np.linspace(0, len(y), points // 2, dtype=int)[:-1]  # one stretch less, for the first and last point
    lengths = np.diff(np.append(edges, len(y)))
    kept = {0, len(y) - 1}
    for start, length in zip(edges, lengths, strict=True):
        stretch = y[start : start + length]
        kept |= {int(start + stretch.argmin()), int(start + stretch.argmax())}
    indices = np.array(sorted(kept))
    return x[indices], y[indices]


def _columns(rows: Rows, name: str) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(row["samples_seen"], row[name]) for row in rows if name in row]
    table = np.array(pairs, dtype=float).reshape(-1, 2)
    return table[:, 0].astype(int), table[:, 1]


def _test_markers(x: np.ndarray, y: np.ndarray, name: str, hover: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x.tolist(),
        "y": y.tolist(),
        "marker": {"color": TEST_COLOUR, "size": 10, "symbol": "diamond"},
        "cliponaxis": False,
        "hovertemplate": "%{x:,} samples<br>" + hover + "<extra></extra>",
    }


def _layout(title: str, total_samples: int, revision: str) -> dict[str, Any]:
    return {
        "title": {"text": title, "x": 0, "xref": "paper", "font": {"size": 15}},
        "xaxis": {
            "title": {"text": "training digits seen"},
            "range": [-0.02 * total_samples, 1.02 * total_samples],
            "tickformat": "~s",
            "zeroline": False,
        },
        "yaxis": {"zeroline": False, "automargin": False},
        "margin": {"l": 48, "r": 12, "t": 44, "b": 44},
        "legend": {"x": 1, "xanchor": "right", "y": 1, "yanchor": "top", "bgcolor": "rgba(0,0,0,0)"},
        "showlegend": title == "Loss",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 13},
        "uirevision": revision,
        "hovermode": "closest",
    }
