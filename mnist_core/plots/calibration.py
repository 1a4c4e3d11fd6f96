"""Calibration as plotly figures: the reliability diagram, and accuracy against coverage. No Streamlit."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from mnist_core.evaluation.calibration import Bin, Refusal
from mnist_core.evaluation.statistics import wilson
from mnist_core.plots.style import TEST_COLOUR, TRAIN_COLOUR, interval_band

_STYLES = ((TRAIN_COLOUR, "circle"), (TEST_COLOUR, "diamond"))
_GREY = "rgba(128, 128, 128, 0.9)"


def reliability_figure(series: Mapping[str, Sequence[Bin]]) -> go.Figure:
    """Accuracy against probability, a point for each bin that is not empty, with its 95 % interval; counts below.

    At most two `series`, by name. On the diagonal a network is right as often as it says.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": _GREY, "dash": "dot", "width": 1.5},
        name="as sure as right",
        hoverinfo="skip",
    )
    for (name, found), (colour, symbol) in zip(series.items(), _STYLES, strict=False):
        full = [b for b in found if b.n]
        figure.add_scatter(
            x=[b.probability for b in full],
            y=[b.accuracy for b in full],
            error_y={
                "array": [b.interval.high - b.accuracy for b in full],
                "arrayminus": [b.accuracy - b.interval.low for b in full],
                "thickness": 1.2,
                "width": 3,
            },
            mode="markers",
            name=name,
            marker={"color": colour, "symbol": symbol, "size": 9},
            text=[_in_words(b) for b in full],
            hovertemplate="%{text}<extra></extra>",
            cliponaxis=False,
        )
        figure.add_bar(
            x=[(b.low + b.high) / 2 for b in found],
            y=[b.n or None for b in found],
            marker={"color": colour},
            text=[_in_words(b) if b.n else "" for b in found],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
            yaxis="y2",
            showlegend=False,
        )
    _lay_out(figure, "probability of the answer", "share right")
    figure.update_layout(
        height=430,
        yaxis={"domain": [0.36, 1], "range": [-0.03, 1.03]},
        yaxis2={
            "domain": [0, 0.24],
            "type": "log",
            "title": {"text": "digits"},
            "range": [-0.3, 4.1],
            "tickvals": [1, 100, 10_000],
            "ticktext": ["1", "100", "10,000"],
            "anchor": "x",
            "fixedrange": True,
        },
        xaxis={"range": [-0.02, 1.02], "anchor": "y2"},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        bargap=0.1,
    )
    return figure


def coverage_figure(curve: Sequence[Refusal], chosen: Refusal) -> go.Figure:
    """Accuracy of what is answered against the share answered, its 95 % interval as a band, the chosen point marked."""
    curve = [point for point in curve if point.answered]
    coverages = [point.coverage for point in curve]
    intervals = [wilson(point.correct, point.answered) for point in curve]
    figure = go.Figure()
    figure.add_trace(interval_band(coverages, intervals, TRAIN_COLOUR))
    figure.add_scatter(
        x=coverages,
        y=[point.accuracy for point in curve],
        mode="lines",
        line={"color": TRAIN_COLOUR, "width": 2},
        text=[f"refusing below {100 * p.threshold:.1f} %: {_refusal(p)}" for p in curve],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    if chosen.answered:
        figure.add_scatter(
            x=[chosen.coverage],
            y=[chosen.accuracy],
            mode="markers",
            marker={"color": TEST_COLOUR, "symbol": "diamond", "size": 13},
            text=[_refusal(chosen)],
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
            cliponaxis=False,
        )
    _lay_out(figure, "share answered", "share of the answers right")
    lowest = min(i.low for i in intervals)
    figure.update_layout(
        height=330,
        xaxis={"range": [-0.02, 1.02]},
        yaxis={"range": [lowest - 0.05 * (1 - lowest), 1 + 0.02 * (1 - lowest)]},
    )
    return figure


def reliability_in_words(series: Mapping[str, Sequence[Bin]]) -> str:
    """The reliability diagram for who cannot see it."""
    sentences = [f"{name}: {'; '.join(_in_words(b) for b in found if b.n)}" for name, found in series.items()]
    return f"Reliability diagram. {'. '.join(sentences)}.".replace("<br>", ", ")


def _in_words(b: Bin) -> str:
    low, high = b.interval
    return (
        f"{b.n:,} digits at {100 * b.probability:.1f} % on average<br>{100 * b.accuracy:.1f} % right "
        f"(95 % interval {100 * low:.1f} to {100 * high:.1f})"
    )


def _refusal(point: Refusal) -> str:
    return f"{point.answered:,} of {point.n:,} answered, {100 * (point.accuracy or 0):.2f} % of them right"


def _lay_out(figure: go.Figure, x: str, y: str) -> None:
    for axis, title in ((figure.layout.xaxis, x), (figure.layout.yaxis, y)):
        axis.update(title={"text": title}, tickformat=".0%", zeroline=False, fixedrange=True)
    if y.startswith("share of"):
        figure.layout.yaxis.update(tickformat=".1%")
    figure.update_layout(
        margin={"l": 60, "r": 12, "t": 8, "b": 44},
        hovermode="closest",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
