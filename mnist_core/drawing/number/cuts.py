"""Where a piece of ink may be cut into digits that touch: seams from its top to its bottom that cross little ink.

A seam goes down row by row, straight on or a column aside, within a narrow band along a line that may lean: the way of
least ink, found by dynamic programming (as drop-fall finds one, but with all of the piece in sight). Digits that
overlap without touching have a seam between them that crosses none.
"""

from typing import NamedTuple

import numpy as np

from mnist_core.drawing.ink.residue import CLEAR_INK

FINE = 48  # rows of a line of digits, to which a larger piece is reduced
LEANS = np.array([-0.35, -0.15, 0.0, 0.15, 0.3, 0.45, 0.65])  # columns to the right that a seam gains for a row upwards
BAND = 0.13  # of the height: how far a seam may stray to either side of its line
ASIDE = 0.05  # pixels of ink: what a step aside costs
LONGEST = 0.6  # of the height: a seam through more ink than that is no border between two digits
APART = 0.008  # of the height squared: two seams that differ by less ink are one
A_DIGIT = 0.55  # of the height: the width that a digit takes, at a guess
SEAMS = 14  # kept for each digit that has room
MOST_SEAMS = 40
STRIKES = np.linspace(-0.12, 0.12, 13)  # rows a column that a line which strikes digits out may fall
STRUCK = 0.985  # of the width that it covers; the strokes of digits that touch leave more paper on any line
# Where digits have only run together, blurred, their faintest joints are fainter than `FIRM`, of the strongest ink, and
# as faint beside the line: over the faintest columns (a share) a line has so much more ink than so many heights off.
FIRM, FAINTEST, MORE, BESIDE = 0.32, 0.15, 0.15, 0.12


class Seam(NamedTuple):
    """A border between what lies left and what lies right of it."""

    columns: np.ndarray  # int (rows,): the first column right of it, for each row
    crossed: float  # ink that it runs through, in heights of the piece


def reduced(ink: np.ndarray, height: float) -> np.ndarray:
    """`ink` so much smaller, by means of whole pixels, that a line of digits `height` pixels high has some 48 rows."""
    by = max(1, -(-int(height) // FINE))
    if by == 1:
        return ink
    rows, columns = (-(-n // by) * by for n in ink.shape)
    padded = np.pad(ink, ((0, rows - ink.shape[0]), (0, columns - ink.shape[1])))
    return padded.reshape(rows // by, by, columns // by, by).mean((1, 3), dtype=np.float32)


def seams(ink: np.ndarray, height: float) -> list[Seam]:
    """The best seams through `ink`, float (rows, columns), as they stand from left to right.

    `height` is that of a digit of the line, in rows. None lies outside the ink.
    """
    rows, columns = ink.shape
    band = max(2, round(BAND * height))
    offsets = np.arange(-band, band + 1)
    middles = np.arange(1, columns)
    lines = (middles[None, :] + np.round(LEANS[:, None, None] * (rows / 2 - np.arange(rows)[:, None]))).astype(int)
    lines = np.moveaxis(lines, 1, 0).reshape(rows, -1)  # (rows, lines): the column of each line in each row
    margin = int(max(-lines.min(), lines.max() - columns + 1, 0)) + band + 1
    wide = np.pad(ink, ((0, 0), (margin, margin)))
    at = lines[..., None] + offsets + margin  # (rows, lines, band)
    cost = np.take_along_axis(wide[:, None], at.reshape(rows, 1, -1), 2).reshape(at.shape)
    came, total = np.zeros(at.shape, np.int8), cost[0].copy()
    for row in range(1, rows):
        shift = lines[row] - lines[row - 1]  # of the band itself, to be allowed for: a column, seldom two
        options = []
        for step in (-1, 0, 1):
            place = np.arange(len(offsets)) + shift[:, None] - step
            outside = (place < 0) | (place >= len(offsets))
            before = np.take_along_axis(total, place.clip(0, len(offsets) - 1), 1) + ASIDE * abs(step)
            options.append(np.where(outside, np.inf, before))
        stacked = np.stack(options)
        best = stacked.argmin(0)
        came[row] = best - 1
        total = np.take_along_axis(stacked, best[None], 0)[0] + cost[row]
    ends = total.argmin(1)
    totals = total[np.arange(len(ends)), ends]
    paths = np.empty((rows, len(ends)), int)
    where = ends
    index = np.arange(len(ends))
    for row in range(rows - 1, -1, -1):
        paths[row] = lines[row] + where - band
        if row:
            where = (where + lines[row] - lines[row - 1] - came[row, index, where]).clip(0, len(offsets) - 1)
    return _chosen(ink, height, paths.T, totals)


def _chosen(ink: np.ndarray, height: float, paths: np.ndarray, totals: np.ndarray) -> list[Seam]:
    """Those through the least ink that divide it differently."""
    rows, columns = ink.shape
    before = np.concatenate([np.zeros((rows, 1)), np.cumsum(ink, 1)], 1)
    left = before[np.arange(rows), paths.clip(0, columns)]  # (paths, rows): ink left of it
    share = left.sum(1)
    least = APART * height**2
    fits = (totals <= LONGEST * height) & (share > least) & (share < before[:, -1].sum() - least)
    most = min(MOST_SEAMS, round(SEAMS * max(1.0, columns / height / A_DIGIT - 1)))
    kept: list[int] = []
    for place in np.argsort(totals, kind="stable"):
        if not fits[place]:
            continue
        if all(np.abs(left[place] - left[other]).sum() > least for other in kept):
            kept.append(int(place))
            if len(kept) == most:
                break
    kept.sort(key=lambda place: share[place])
    return [Seam(paths[place].clip(0, columns), float(totals[place]) / height) for place in kept]


def is_struck(ink: np.ndarray) -> bool:
    """Whether one straight, nearly level line runs through the middle of `ink`, from its left end to its right."""
    clear = ink >= CLEAR_INK
    own = ink[clear.any(1)][:, clear.any(0)]
    rows, columns = own.shape
    across = np.arange(columns)
    middle = np.arange(round(0.25 * rows), round(0.75 * rows))[:, None]
    aside = max(2, round(BESIDE * rows))
    for rise in STRIKES:
        at = middle + np.round(rise * (across - columns / 2)).astype(int)
        over, on, under = (own[(at + off).clip(0, rows - 1), across] for off in (-aside, 0, aside))
        whole = (on >= CLEAR_INK).mean(1) > STRUCK
        for line, beside in zip(on[whole], np.maximum(over, under)[whole], strict=True):
            faint = line <= np.quantile(line, FAINTEST)
            if (line >= FIRM).mean() > STRUCK or (line - beside)[faint].mean() > MORE:
                return True
    return False


def part(ink: np.ndarray, left: Seam | None, right: Seam | None) -> np.ndarray:
    """Which pixels of `ink` lie between two seams, or to a seam's side: bool (rows, columns).

    Crumbs of a neighbour that a cut leaves on this side are not in it.
    """
    from scipy import ndimage

    columns = np.arange(ink.shape[1])
    between = ink >= CLEAR_INK
    clear = between.copy()
    if left is not None:
        between &= columns >= left.columns[:, None]
    if right is not None:
        between &= columns < right.columns[:, None]
    pieces, count = ndimage.label(between, np.ones((3, 3)))
    if count > 1:
        areas = np.bincount(pieces.ravel())[1:]
        others = ndimage.binary_dilation(clear & ~between, np.ones((3, 3)))
        touching = np.isin(np.arange(1, count + 1), pieces[others & between])
        crumbs = np.flatnonzero(touching & (areas < 0.12 * areas.max())) + 1
        between &= ~np.isin(pieces, crumbs)
    return between
