"""Robustness as plotly figures: accuracy at each strength, and below it what that strength looks like. No Streamlit."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from mnist_core.data.corruptions import Corruption
from mnist_core.data.picture import data_address
from mnist_core.evaluation.robustness import Point
from mnist_core.plots.style import RUN_STYLES, axis, interval_band

_PICTURE_SIDE = 140  # pixels sent for a digit of 28: crisp where it is drawn at about half of that


def robustness_figure(
    corruption: Corruption, curves: Mapping[str, Sequence[Point]], pictures: Sequence[np.ndarray]
) -> go.Figure:
    """Accuracy against strength, a line for each run (by label, at most four), the 95 % interval as a band.

    The strengths stand at equal distances, each above its picture (uint8 (28, 28), in the order of the points).
    Without curves it is the pictures alone.
    """
    strengths = sorted((corruption.neutral, *corruption.strengths))
    places = list(range(len(strengths)))
    figure = go.Figure()
    _add_lines(figure, {label: list(zip(places, points, strict=True)) for label, points in curves.items()})
    for place, picture in zip(places, pictures, strict=True):
        figure.add_layout_image(
            source=_png(picture),
            x=place,
            y=0,
            xref="x",
            yref="paper",
            xanchor="center",
            yanchor="bottom",
            sizex=0.92,
            sizey=0.24,
        )
    figure.update_xaxes(
        tickvals=places,
        ticktext=["as it is" if s == corruption.neutral else _signed(s, corruption) for s in strengths],
        range=[-0.5, len(places) - 0.5],
        fixedrange=True,
        zeroline=False,
        showgrid=False,
    )
    figure.update_yaxes(domain=[0.3, 1], range=[0, 1.03], tickformat=".0%", fixedrange=True, zeroline=False)
    figure.update_layout(
        height=285,
        margin={"l": 48, "r": 8, "t": 8, "b": 4},
        showlegend=False,
        hovermode="closest",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure


def robustness_in_words(corruption: Corruption, curves: Mapping[str, Sequence[Point]]) -> str:
    """The figure for who cannot see it."""
    return f"{corruption.title}, {corruption.axis}. {accuracies_in_words(curves)}"


def fooled_figure(curves: Mapping[str, Sequence[Point]], size: float) -> go.Figure:
    """Accuracy against the size, in grey levels, of changes made to fool; a line for each run, and a mark at `size`."""
    figure = go.Figure()
    _add_lines(figure, {label: [(p.strength, p) for p in points] for label, points in curves.items()})
    figure.add_vline(size, line={"dash": "dot", "width": 1, "color": "#8C8C8C"})
    figure.update_xaxes(**axis("size of the change, in grey levels of 255"), fixedrange=True)
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%", fixedrange=True, zeroline=False)
    figure.update_layout(
        height=320,
        margin={"l": 48, "r": 8, "t": 8, "b": 48},
        showlegend=False,
        hovermode="closest",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure


def accuracies_in_words(curves: Mapping[str, Sequence[Point]]) -> str:
    """Lines of accuracies for who cannot see them."""
    sentences = []
    for label, points in curves.items():
        each = ", ".join(f"{100 * p.accuracy:.1f} % at {p.strength:g}" for p in points)
        sentences.append(f"{label}: {each}")
    return f"Accuracy: {'; '.join(sentences) or 'not computed yet'}."


def _add_lines(figure: go.Figure, curves: Mapping[str, Sequence[tuple[float, Point]]]) -> None:
    """A line for each run (by label, at most four) through its (x, point), the 95 % interval as a band."""
    for (label, places), (colour, symbol, dash) in zip(curves.items(), RUN_STYLES, strict=False):
        x = [place for place, _ in places]
        figure.add_trace(interval_band(x, [p.interval for _, p in places], colour))
        figure.add_scatter(
            x=x,
            y=[p.accuracy for _, p in places],
            name=label,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"color": colour, "symbol": symbol, "size": 8},
            text=[_hover(p) for _, p in places],
            hovertemplate="%{text}<extra></extra>",
        )


def _hover(point: Point) -> str:
    low, high = point.interval
    return (
        f"{100 * point.accuracy:.1f} % of {point.n:,} test digits<br>95 % interval {100 * low:.1f} to {100 * high:.1f}"
    )


def _signed(strength: float, corruption: Corruption) -> str:
    sign = "+" if strength > 0 and min(corruption.strengths) < 0 else ""
    return f"{sign}{strength:g}".replace("-", "−")


def _png(picture: np.ndarray) -> str:
    side = (_PICTURE_SIDE, _PICTURE_SIDE)
    return data_address(np.asarray(Image.fromarray(picture).resize(side, Image.Resampling.NEAREST)))
