"""What several figures share."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from mnist_core.evaluation.statistics import Interval

if TYPE_CHECKING:
    import plotly.graph_objects as go


def interval_band(x: Sequence[float], intervals: Sequence[Interval], colour: str) -> "go.Scatter":
    """The intervals over `x` as a pale band, to be drawn beneath the line that they belong to."""
    import plotly.graph_objects as go  # 0.3 s: who needs the colours alone goes without

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

# For several of a kind: whoever cannot tell two colours apart has their dashes and marks.
SERIES_COLOURS = ("#2F86C9", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C", "#9A7B4F")
# Four runs, each told by colour, mark and dash.
RUN_STYLES = ((TRAIN_COLOUR, "circle", "solid"), (TEST_COLOUR, "diamond", "dash")) + (
    (VALIDATION_COLOUR, "square", "dot"),
    (CHANGE_COLOUR, "triangle-up", "dashdot"),
)
DASHES = ("solid", "dash", "dot", "dashdot")
MARKS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star", "pentagon")

# A chart that changes while it is looked at. The legend has rows below the plot, where it hides no curve.
LASTING: dict[str, Any] = {
    "margin": {"l": 64, "r": 14, "t": 12, "b": 72, "autoexpand": False},
    "legend": {"orientation": "h", "x": 0, "xanchor": "left", "yref": "container", "y": 0, "yanchor": "bottom"}
    | {"bgcolor": "rgba(0,0,0,0)"},
    "showlegend": True,
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"size": 13},
    "hovermode": "closest",
}


def label(text: str, most: int = 60) -> str:
    """Text from outside as a figure shows exactly it: plotly would make tags in it into links and styles."""
    return escape(text if len(text) <= most else f"{text[: most - 1]}…", quote=False)


def axis(title: str) -> dict[str, Any]:
    """An axis that keeps its place whatever it shows."""
    return {"title": {"text": title, "standoff": 4}, "zeroline": False, "automargin": False}
