"""What each channel of a layer is worth as a plotly figure: points of accuracy without it. No Streamlit."""

import plotly.graph_objects as go

from mnist_core.comparison.pair import LEVEL
from mnist_core.evaluation.statistics import plural, points
from mnist_core.interpretation.each_unit import EachUnit, WithoutIt
from mnist_core.plots.style import TEST_COLOUR

_GREY, _FAINT = "rgb(128, 128, 128)", "rgba(128, 128, 128, 0.55)"


def each_unit_figure(found: EachUnit, what: str) -> go.Figure:
    """A bar for each channel or unit (`what`), the one that the network needs most first, with its 95 % interval.

    A bar is grey where its change could be luck of the digits (Holm's correction for their number).
    """
    units, p_values = found.by_need, found.p_values
    gains = [100 * unit.gain for unit in units]
    figure = go.Figure()
    figure.add_bar(
        x=[str(unit.place) for unit in units],
        y=gains,
        error_y={
            "array": [100 * unit.interval.high - gain for unit, gain in zip(units, gains, strict=True)],
            "arrayminus": [gain - 100 * unit.interval.low for unit, gain in zip(units, gains, strict=True)],
            "color": _GREY,
            "thickness": 1.4,
            "width": 3 if len(units) <= 60 else 0,
        },
        marker={"color": [TEST_COLOUR if p_values[unit.place] < LEVEL else _FAINT for unit in units]},
        text=[_in_words(unit, what) for unit in units],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_xaxes(type="category", title=f"{what[:-1]} that is off", fixedrange=True, nticks=40)
    figure.update_yaxes(title="points of accuracy", fixedrange=True, zeroline=True, zerolinecolor=_FAINT)
    figure.update_layout(
        height=300,
        margin={"l": 56, "r": 8, "t": 8, "b": 48},
        showlegend=False,
        bargap=0.25,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure


def in_words(found: EachUnit, what: str) -> str:
    """The figure for who cannot see it."""
    shown = found.by_need[:5]
    each = "; ".join(_in_words(unit, what).replace("<br>", ", ") for unit in shown)
    return f"Points of accuracy with one of {plural(len(found.units), what[:-1])} off, the most needed first: {each}."


def _in_words(unit: WithoutIt, what: str) -> str:
    low, high = (points(end, 2) for end in unit.interval)
    return (
        f"{what[:-1]} {unit.place}: {points(unit.gain, 2)} points<br>95 % interval {low} to {high}"
        f"<br>{unit.broken:,} of {unit.n:,} test digits broken, {unit.mended:,} mended"
    )
