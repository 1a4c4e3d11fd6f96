"""Long, thin, straight runs of ink, nearly level: what a line of the paper looks like.

Upright ones are level ones of the transposed picture. A line is found by votes (Hough, 1962) of the middles of thin
vertical runs. All that decides is worked out in whole numbers, or in float64 in one order: `static/engine/straight.js`
finds the same.
"""

from typing import NamedTuple

import numpy as np

STEEPEST = 0.13  # of slopes: 7.5 degrees
THICKEST = 0.06  # of the picture's shorter side, in pixels at least THICKEST_LEAST
THICKEST_LEAST = 7
SHORTEST = 0.05  # of the picture's longer side, in pixels at least SHORTEST_LEAST
SHORTEST_LEAST = 12
GAP = 5  # pixels without ink along a line, at most
THIN_SHARE = 0.3  # of a line's columns: where nothing thick lies on it, at least
MOST_LINES = 90  # one way
MOST_RUNS = 200_000  # a raster, or noise: no lines are looked for


class Straight(NamedTuple):
    """A nearly level line, in a picture or in its transpose."""

    start: int  # first column
    end: int  # behind the last column
    fit: tuple[float, float, float]  # row of its middle at column x: a + b u + c u u, u = x - middle
    middle: int
    thick: int  # pixels, the median
    off: float  # how far, in pixels, the middles of its runs lie from `fit`: the root of the mean square
    covered: float  # share of its columns where a thin run lies, not a thick one that crosses

    @property
    def length(self) -> int:
        """In columns."""
        return self.end - self.start

    @property
    def slope(self) -> float:
        """From end to end, in rows a column."""
        return (self.row(self.end - 1) - self.row(self.start)) / self.length

    def at(self, columns: np.ndarray) -> np.ndarray:
        """The row of its middle, float64, at each column."""
        u = columns - self.middle
        return self.fit[0] + u * (self.fit[1] + self.fit[2] * u)

    def row(self, column: int) -> float:
        """The row of its middle at one column."""
        u = column - self.middle
        return self.fit[0] + u * (self.fit[1] + self.fit[2] * u)


def runs(clear: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The vertical runs of `clear`, bool (height, width), column by column: column, first row, row behind."""
    height, width = clear.shape
    padded = np.zeros((width, height + 2), np.int8)
    padded[:, 1:-1] = clear.T
    steps = np.diff(padded, axis=1)
    columns, first = np.nonzero(steps == 1)
    return columns, first, np.nonzero(steps == -1)[1]


def find_straight(clear: np.ndarray) -> list[Straight]:
    """The straight, thin, nearly level runs of ink in `clear`, bool (height, width), the longest first or so."""
    height, width = clear.shape
    columns, first, behind = runs(clear)
    thin = behind - first <= max(THICKEST_LEAST, int(THICKEST * min(height, width)))
    columns, first, behind = columns[thin], first[thin], behind[thin]
    if not len(columns) or len(columns) > MOST_RUNS:
        return []
    shortest = max(SHORTEST_LEAST, int(SHORTEST * max(height, width)))
    middle = width // 2
    x, twice, thick = columns - middle, first + behind - 1, behind - first
    votes = _Votes(x, twice, height, width)
    found: list[Straight] = []
    left = np.ones(len(x), bool)
    for _ in range(MOST_LINES):
        most, row, slope = votes.best()
        if most < shortest:
            break
        taken = left & (np.abs(twice / 2 - (row + slope * x)) <= 2)
        fit = _fitted(x[taken], twice[taken])
        near = 1.5 + 0.5 * float(np.median(thick[taken]))
        taken = left & (np.abs(twice / 2 - _curve(fit, x)) <= near)
        if taken.sum() >= shortest:
            fit = _fitted(x[taken], twice[taken])
        gone = left & (np.abs(twice / 2 - _curve(fit, x)) <= near)
        found += _pieces(clear, fit, x[gone], twice[gone], thick[gone], middle, shortest)
        gone |= left & (np.abs(twice / 2 - (row + slope * x)) <= 2)
        votes.remove(x[gone], twice[gone])
        left &= ~gone
    return found


class _Votes:
    """For each slope and row in the middle column, how many runs lie on that line, give or take two pixels."""

    def __init__(self, x: np.ndarray, twice: np.ndarray, height: int, width: int) -> None:
        step = 2 / width  # two pixels from end to end
        self.slopes = np.arange(-int(STEEPEST / step), int(STEEPEST / step) + 1) * step
        self.reach = int(STEEPEST * width / 2) + 2
        self.table = np.zeros((len(self.slopes), height + 2 * self.reach + 2), np.int64)
        self._add(x, twice, 1)

    def _add(self, x: np.ndarray, twice: np.ndarray, sign: int) -> None:
        for row, slope in zip(self.table, self.slopes, strict=True):
            places = np.floor(twice * 0.5 - slope * x).astype(np.int64) + self.reach
            row += sign * np.bincount(places, minlength=len(row))

    def remove(self, x: np.ndarray, twice: np.ndarray) -> None:
        self._add(x, twice, -1)

    def best(self) -> tuple[int, float, float]:
        """The most votes, and the row in the middle and slope of that line."""
        pairs = self.table[:, 1:] + self.table[:, :-1]
        slope, place = np.unravel_index(pairs.argmax(), pairs.shape)
        return int(pairs[slope, place]), float(place - self.reach + 1), float(self.slopes[slope])


def _curve(fit: tuple[float, float, float], x: np.ndarray) -> np.ndarray:
    return fit[0] + x * (fit[1] + fit[2] * x)


def _fitted(x: np.ndarray, twice: np.ndarray) -> tuple[float, float, float]:
    """Least squares of a slightly bent line: sums of whole numbers, then one way to solve."""
    n, s1, s2, s3, s4 = (float((x**k).sum()) for k in range(5))
    t0, t1, t2 = (float((twice * x**k).sum()) / 2 for k in range(3))
    if n < 3 or n * s2 - s1 * s1 <= 0:
        return t0 / n, 0.0, 0.0
    slope = (n * t1 - s1 * t0) / (n * s2 - s1 * s1)
    straight = ((t0 - slope * s1) / n, slope, 0.0)
    if float(x.max() - x.min()) < 60 or float(x.max() - x.min()) > 4 * n:
        return straight
    # The parabola that is orthogonal to a straight line over these x.
    p = (n * s3 - s1 * s2) / (n * s2 - s1 * s1)
    q = (s2 - p * s1) / n
    norm = s4 - p * s3 - q * s2
    if norm <= 0:
        return straight
    bend = (t2 - p * t1 - q * t0) / norm
    return straight[0] - bend * q, straight[1] - bend * p, bend


def _pieces(
    clear: np.ndarray,
    fit: tuple[float, float, float],
    x: np.ndarray,
    twice: np.ndarray,
    thick: np.ndarray,
    middle: int,
    shortest: int,
) -> list[Straight]:
    """The stretches along the line where ink lies, without large gaps."""
    height, width = clear.shape
    if not len(x):
        return []
    all_x = np.arange(width)
    rows = np.floor(_curve(fit, all_x - middle) + 0.5).astype(np.int64)
    inked = np.zeros(width, bool)
    for off in (-1, 0, 1):
        inside = (rows + off >= 0) & (rows + off < height)
        inked[inside] |= clear[rows[inside] + off, all_x[inside]]
    places = np.flatnonzero(inked)
    if not len(places):
        return []
    cuts = np.flatnonzero(np.diff(places) > GAP)
    found = []
    for start, last in zip(places[np.r_[0, cuts + 1]], places[np.r_[cuts, len(places) - 1]], strict=True):
        own = (x + middle >= start) & (x + middle <= last)
        count = int(own.sum())
        if not count:
            continue
        # Its ends are its own, or ink that goes on from them: not a line beyond a gap.
        start, last = int(x[own].min()) + middle, int(x[own].max()) + middle
        while start > 0 and inked[start - 1]:
            start -= 1
        while last < width - 1 and inked[last + 1]:
            last += 1
        length = int(last - start) + 1
        if length < shortest or count < THIN_SHARE * length:
            continue
        off = twice[own] / 2 - _curve(fit, x[own])
        thickness = int(np.median(thick[own]))
        square = float((off * off).sum()) / count
        error = float(np.sqrt(np.floor(square * 2**20 + 0.5) / 2**20))  # whatever a sum's last bits say
        found.append(Straight(int(start), int(last) + 1, fit, middle, thickness, error, min(1.0, count / length)))
    return found
