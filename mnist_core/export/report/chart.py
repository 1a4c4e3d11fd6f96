"""A line chart as SVG, to stand in an HTML page: lines, marks, intervals, bands.

plotly draws in the browser, with 4.7 MB of JavaScript; here a chart takes some kB, prints, and follows the page's own
light or dark colours, as text and grid are in the colour of the text around them.
"""

import math
from collections.abc import Callable, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from mnist_core.evaluation.statistics import Interval

RIGHT, TOP, BOTTOM = 24, 10, 44  # pixels around the plot; at its left there is room for what stands there
LEGEND_ROW, LETTER = 20, 7.3  # pixels: a row of the legend, a letter's mean width at its size
_DASHES = {"solid": "", "dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3"}
_MARKS = {
    "circle": "M-4.2,0a4.2,4.2 0 1,0 8.4,0a4.2,4.2 0 1,0 -8.4,0",
    "diamond": "M0,-5.5L5.5,0L0,5.5L-5.5,0Z",
    "square": "M-4,-4H4V4H-4Z",
    "triangle-up": "M0,-5L5,4H-5Z",
    "triangle-down": "M0,5L5,-4H-5Z",
    "x": "M-4,-4L4,4M-4,4L4,-4",
    "cross": "M0,-5V5M-5,0H5",
    "star": "M0,-6L1.8,-1.9L6,-1.9L2.6,1L3.8,5.4L0,2.8L-3.8,5.4L-2.6,1L-6,-1.9L-1.8,-1.9Z",
    "pentagon": "M0,-5.5L5.3,-1.7L3.3,4.5H-3.3L-5.3,-1.7Z",
}
Place = Callable[[float], float]  # of a value, in pixels


class Series(NamedTuple):
    """What is drawn: `x` and `y` are (n,), x ascending."""

    label: str  # in the legend; "" is not there
    x: Sequence[float]
    y: Sequence[float]
    colour: str
    dash: str | None = "solid"  # one of `plots.style.DASHES`; None: no line
    mark: str | None = None  # one of `plots.style.MARKS`
    intervals: Sequence[Interval] = ()  # of y, as upright lines
    band: bool = False  # the intervals as a pale area instead
    width: float = 1.8
    opacity: float = 1.0


class Axis(NamedTuple):
    """From `low` to `high`, with ticks: where, and what stands there."""

    title: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]


def nice_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """At most `most` round numbers (1, 2 or 5 times a power of ten apart) from `low` to `high`, which is larger."""
    span = high - low
    step = 10 ** math.floor(math.log10(span / most))
    step = next(step * factor for factor in (1, 2, 5, 10, 20) if span / (step * factor) < most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(place * step, 12) for place in range(first, last + 1)]


def axis(title: str, low: float, high: float, *, percent: bool = False) -> Axis:
    """An axis of numbers, or of shares written in percent. One without extent gets some."""
    if high <= low:
        reach = abs(low) / 2 or 1.0
        low, high = low - reach, high + reach
    ticks = nice_ticks(low, high)
    if not percent:
        return Axis(title, low, high, [(tick, f"{tick:,.10g}") for tick in ticks])
    decimals = max(0, -math.floor(math.log10(min(b - a for a, b in pairwise(ticks))) + 2 + 1e-9))
    return Axis(title, low, high, [(tick, f"{100 * tick:.{decimals}f} %") for tick in ticks])


def log_axis(title: str, low: float, high: float) -> Axis:
    """An axis for the decimal logarithms of numbers from `low` to `high`, both above 0; ticks say the numbers."""
    low, high = math.log10(low), math.log10(high)
    if high - low < 0.4:
        low, high = low - 0.2, high + 0.2
    factors = (1, 2, 5) if high - low < 3 else (1,)
    numbers = [factor * 10**power for power in range(math.floor(low), math.ceil(high) + 1) for factor in factors]
    ticks = [(math.log10(number), f"{number:.10g}") for number in numbers]
    return Axis(title, low, high, [tick for tick in ticks if low - 1e-9 <= tick[0] <= high + 1e-9])


def chart(
    series: Sequence[Series],
    x: Axis,
    y: Axis,
    alt: str,
    *,
    width: int = 480,
    height: int = 260,
    uprights: Sequence[float] = (),
    upright_colour: str = "currentColor",
    diagonal: bool = False,
) -> str:
    """An <svg> that fills the width it is given. `alt` says it in words; `uprights` are marked along x, `diagonal` is
    where x is y. All text in it is escaped."""
    rows = _legend_rows([one for one in series if one.label], width)
    top = TOP + LEGEND_ROW * len(rows)
    left = (30 if y.title else 10) + LETTER * max(len(text) for _, text in y.ticks)
    inner = (left, top, width - RIGHT, top + height - TOP - BOTTOM)
    total = inner[3] + BOTTOM

    def across(value: float) -> float:
        return inner[0] + (value - x.low) / (x.high - x.low) * (inner[2] - inner[0])

    def down(value: float) -> float:
        return inner[3] - (value - y.low) / (y.high - y.low) * (inner[3] - inner[1])

    parts = [f'<svg class="chart" viewBox="0 0 {width} {total}" role="img" aria-label="{escape(alt)}">']
    parts += _legend(rows)
    parts += _grid(x, y, inner, across, down)
    if diagonal:
        ends = (across(x.low), down(x.low), across(x.high), down(x.high))
        parts.append(_line(*ends, 'class="aside" stroke-dasharray="2 3"'))
    for value in uprights:
        parts.append(
            _line(across(value), inner[1], across(value), inner[3], f'stroke="{upright_colour}" stroke-dasharray="2 3"')
        )
    for one in series:
        parts += _drawn(one, across, down)
    return "".join([*parts, "</svg>"])


def _grid(x: Axis, y: Axis, inner: tuple[float, float, float, float], across: Place, down: Place) -> list[str]:
    left, top, right, bottom = inner
    parts = []
    for value, text in y.ticks:
        parts.append(_line(left, down(value), right, down(value), 'class="grid"'))
        parts.append(_text(left - 6, down(value) + 4, text, "end"))
    for value, text in x.ticks:
        parts.append(_line(across(value), bottom, across(value), bottom + 4, 'class="grid"'))
        parts.append(_text(across(value), bottom + 17, text, "middle"))
    parts.append(_line(left, bottom, right, bottom, 'class="axis"'))
    parts.append(_text((left + right) / 2, bottom + 36, x.title, "middle"))
    middle = (top + bottom) / 2
    turned = f'transform="rotate(-90 14 {middle:.1f})"'
    return [*parts, _text(14, middle, y.title, "middle", turned)] if y.title else parts


def _drawn(one: Series, across: Place, down: Place) -> list[str]:
    points = [(across(a), down(b)) for a, b in zip(one.x, one.y, strict=True)]
    ends = [(down(low), down(high)) for low, high in one.intervals]
    parts = []
    if one.band and ends:
        there = [f"{a:.1f},{high:.1f}" for (a, _), (_, high) in zip(points, ends, strict=True)]
        back = [f"{a:.1f},{low:.1f}" for (a, _), (low, _) in zip(points, ends, strict=True)]
        parts.append(f'<path d="M{"L".join(there + back[::-1])}Z" fill="{one.colour}" opacity="0.2"/>')
    elif ends:
        for (a, _), (low, high) in zip(points, ends, strict=True):
            parts.append(_line(a, low, a, high, f'stroke="{one.colour}" stroke-width="1.3"'))
    if one.dash is not None and len(points) > 1:
        path = "L".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(
            f'<path d="M{path}" fill="none" stroke="{one.colour}" stroke-width="{one.width}" opacity="{one.opacity}"'
            f' stroke-linejoin="round" stroke-dasharray="{_DASHES[one.dash]}"/>'
        )
    mark = one.mark or ("circle" if len(points) == 1 else None)  # a line of one point is not seen
    if mark is not None:
        parts += [_mark(a, b, mark, one.colour) for a, b in points]
    return parts


def _legend_rows(named: Sequence[Series], width: int) -> list[list[tuple[float, Series]]]:
    """The legend's entries, in rows that fit: each with its left end."""
    rows: list[list[tuple[float, Series]]] = []
    left = math.inf
    for one in named:
        room = 44 + LETTER * len(one.label)
        if left + room > width:
            rows.append([])
            left = 4.0
        rows[-1].append((left, one))
        left += room
    return rows


def _legend(rows: Sequence[Sequence[tuple[float, Series]]]) -> list[str]:
    parts = []
    for place, row in enumerate(rows):
        y = TOP + LEGEND_ROW * place + 4
        for left, one in row:
            if one.dash is not None:
                style = f'stroke="{one.colour}" stroke-width="{one.width}" stroke-dasharray="{_DASHES[one.dash]}"'
                parts.append(_line(left, y, left + 22, y, style))
            if one.mark is not None:
                parts.append(_mark(left + 11, y, one.mark, one.colour))
            parts.append(_text(left + 27, y + 4, one.label, "start"))
    return parts


def _mark(x: float, y: float, mark: str, colour: str) -> str:
    look = f'fill="none" stroke="{colour}" stroke-width="1.8"' if mark in ("x", "cross") else f'fill="{colour}"'
    return f'<path d="{_MARKS[mark]}" transform="translate({x:.1f} {y:.1f})" {look}/>'


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {style}/>'


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'
