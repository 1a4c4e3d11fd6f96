"""Data to Plotly figures, without Streamlit. Colours that are not given follow the page's theme."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

_BLUE = "rgba(31, 111, 201, {})"
# At most 0.65 of this blue over white or over near-black leaves the theme's own text above 4.5:1 (WCAG AA) on it.
_DEEPEST = 0.65
_MUTED = 0.7  # opacity of counts that are not confusions
_TOTAL = 10.25  # where the sums stand, past the tenth row and column
CONFUSION_HEIGHT = 425  # pixels, for a width of about 460


class _Cell(NamedTuple):
    x: float
    y: float
    text: str
    hover: str
    true: int | None  # what a click on it chooses; None is any digit
    predicted: int | None


def confusion_figure(confusion: np.ndarray, true: int | None = None, predicted: int | None = None) -> go.Figure:
    """The confusion matrix of int counts (10, 10): rows the true digit, columns the predicted one.

    The more confusions, the bluer (by the square root, so that a pair seen once still shows). The diagonal, which
    dwarfs the rest, stays unfilled with its counts fainter; past the edges stand the sums of mistakes. The cells of
    `true` and `predicted` (None: any) are framed.

    Each count off the diagonal and each sum is a point with `customdata` [true, predicted], so that a click tells
    which mistakes it stands for: a heatmap's own clicks do not reach Streamlit's `on_select`.
    """
    mistakes = confusion.copy()
    np.fill_diagonal(mistakes, 0)
    shade = np.sqrt(mistakes)
    np.fill_diagonal(shade, np.nan)
    digits = list(range(10))
    figure = go.Figure(
        go.Heatmap(
            z=[[None if np.isnan(value) else value for value in row] for row in shade],
            x=digits,
            y=digits,
            colorscale=[[0, _BLUE.format(0.05)], [1, _BLUE.format(_DEEPEST)]],
            zmin=0,
            zmax=max(float(np.sqrt(mistakes.max())), 1),
            showscale=False,
            hoverinfo="skip",
            xgap=2,
            ygap=2,
        )
    )
    figure.add_trace(_texts([_Cell(d, d, f"{confusion[d, d]}", _right(confusion, d), d, d) for d in digits], _MUTED))
    figure.add_trace(_buttons(list(_cells(mistakes))))
    figure.add_trace(_buttons(list(_sums(mistakes)), _MUTED))
    if true is not None or predicted is not None:
        figure.add_shape(**_frame(true, predicted), line={"width": 2.5, "color": "rgba(230, 140, 20, 1)"})
    axis = {"tickvals": digits, "showgrid": False, "zeroline": False, "fixedrange": True, "ticks": ""}
    ends = [-0.56, _TOTAL + 0.5]  # a little more than the cells: the frame is as wide as its line
    figure.update_xaxes(**axis, range=ends, side="top", title={"text": "Read as", "standoff": 4}, constrain="domain")
    figure.update_yaxes(**axis, range=ends[::-1], title={"text": "True digit", "standoff": 16}, constrain="domain")
    figure.update_xaxes(constraintoward="left")
    figure.update_yaxes(constraintoward="top", scaleanchor="x")
    figure.update_layout(
        height=CONFUSION_HEIGHT,
        margin={"l": 52, "r": 4, "t": 48, "b": 4},
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        hoverdistance=1,  # a click beside every cell is none
        plot_bgcolor="rgba(0, 0, 0, 0)",
    )
    return figure


def confusion_in_words(confusion: np.ndarray, most: int = 3) -> str:
    """The confusion matrix for who cannot see it: what it is, and its most frequent confusions."""
    mistakes = confusion.copy()
    np.fill_diagonal(mistakes, 0)
    largest = np.argsort(-mistakes, axis=None, kind="stable")[:most]
    pairs = [(*divmod(int(place), 10), int(mistakes.flat[place])) for place in largest]
    named = "; ".join(f"{true} read as {read}, {_times(count)}" for true, read, count in pairs if count)
    return (
        f"Confusion matrix: a row for each true digit, a column for what it was read as. Most often: {named or 'none'}."
    )


def _cells(mistakes: np.ndarray) -> Iterator[_Cell]:
    for true, predicted in zip(*np.nonzero(mistakes), strict=True):
        count = mistakes[true, predicted]
        hover = f"{true} read as {predicted}: {_times(count)}"
        yield _Cell(predicted, true, f"{count}", hover, int(true), int(predicted))


def _sums(mistakes: np.ndarray) -> Iterator[_Cell]:
    for digit in range(10):
        of_true, as_predicted = mistakes[digit].sum(), mistakes[:, digit].sum()
        if of_true:
            yield _Cell(_TOTAL, digit, f"{of_true}", f"{digit} read as another digit: {_times(of_true)}", digit, None)
        if as_predicted:
            hover = f"Another digit read as {digit}: {_times(as_predicted)}"
            yield _Cell(digit, _TOTAL, f"{as_predicted}", hover, None, digit)
    yield _Cell(_TOTAL, _TOTAL, f"{mistakes.sum()}", f"All mistakes: {mistakes.sum()}", None, None)


def _right(confusion: np.ndarray, digit: int) -> str:
    return f"{digit} read rightly: {confusion[digit, digit]:,} of {confusion[digit].sum():,}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _texts(cells: list[_Cell], opacity: float = 1) -> go.Scatter:
    return go.Scatter(
        x=[cell.x for cell in cells],
        y=[cell.y for cell in cells],
        text=[cell.text for cell in cells],
        hovertext=[cell.hover for cell in cells],
        hoverinfo="text",
        mode="text",
        textfont={"size": 13},
        opacity=opacity,
    )


def _buttons(cells: list[_Cell], opacity: float = 1) -> go.Scatter:
    """Counts on invisible squares, about as large as a cell, that take the click."""
    return _texts(cells, opacity).update(
        mode="markers+text",
        marker={"symbol": "square", "size": 38, "opacity": 0},
        customdata=[[cell.true, cell.predicted] for cell in cells],
        # Plotly fades what was not clicked; here the frame tells what is chosen.
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )


def _frame(true: int | None, predicted: int | None) -> dict[str, float]:
    x = (-0.5, 9.5) if predicted is None else (predicted - 0.5, predicted + 0.5)
    y = (-0.5, 9.5) if true is None else (true - 0.5, true + 0.5)
    return {"x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1]}
