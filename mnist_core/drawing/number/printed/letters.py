"""Letters and signs that look like digits, told by what print has in common: all digits of a number are of one height.

Lengths are in heights of the line. Print stands between two straight lines: the tops of 3 digits and more, and their
bottoms, lie within `LEVEL`, photographed and tilted a little. Of 217 in 20 fonts 186 do, of 401 by hand 1.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from mnist_core.drawing.number.symbols import Symbol, ordinal
from mnist_core.drawing.prepare import Prepared
from mnist_core.system.plain_text import with_article

LEVEL = 0.03
LOW = (0.15, 0.42)  # so much lower is a small letter, or an old-style digit
UNDER = 0.1  # and so far under the base line one with a tail
APART = 0.3  # digits so far apart say how the line is tilted
MOST_BY_CHANCE = 4  # digits of one height by hand, as MNIST's are, that a line fits
STEEPEST = 0.06  # of a line of print, rows a column: more is a matter for a scanner
OLD_STYLE = {text: "low" if text in "012" else "full" if text in "68" else "tailed" for text in "0123456789"}
WIDE = 0.86  # of its height: fonts' 0s are up to 0.83 wide, half of their O and D wider than this
SURE = 0.66  # probability of a digit below which print is doubted: of 1,530 in fonts 3 are (a bold 1 is like a 2)
LEAST = 12  # pixels: lower digits have lost their shape
# Overlap with itself upside down, of a > and <, and turned half round, of a Z and an S, without grey edges: of 1,700
# such digits of people the highest were 0.73 and 0.74, and of 64 fonts' 0.70 and 0.76, blurred by up to 8 % of their
# size. (With their edges 9 of 100 blurred ones were over 0.8, most of them a 6 or a 9, whose ring fills.)
MIRRORED, TURNED = 0.77, 0.77
INNER, EDGES = (130, 230), (0, 255)  # grey levels: up to there no ink, and from there whole; with grey edges
REGULAR = 0.8  # a 0 of a font is so in one of the ways, with its edges, and of 200 of people's two
NEVER_MIRRORED, NEVER_TURNED = "245679", "25"
PRINTED_TURNED = 0.66  # in print: fonts' 5s are up to 0.62, blurred by 5 % 1 of 60 is higher; their S and Z mostly are
_TURNED_ROUND = "is the same turned half round: it may be a letter"
TAILED_BY_HAND = "479"  # digits that people now and then write far under the base line


class _Span(NamedTuple):
    """Where a digit's ink lies, to parts of a pixel."""

    middle: float
    top: float
    bottom: float


def doubted(symbols: list[Symbol], height: float, before: int = 0) -> list[Symbol]:
    """The symbols of a line `height` pixels high, with a warning at each digit that may be a printed letter or sign.

    `before` digits stand on the lines before it.
    """
    places = [place for place, symbol in enumerate(symbols) if symbol.prepared is not None]
    prepared = [one for symbol in symbols if (one := symbol.prepared) is not None]
    texts = [symbols[place].text for place in places]
    levels = _levels([_span(one) for one in prepared], height) if len(prepared) > 1 else None
    odd = _odd(texts, levels) if levels else []
    found = list(symbols)
    for number, (place, one) in enumerate(zip(places, prepared, strict=True)):
        symbol = symbols[place]
        said = _unlike_any(symbol, one)
        if levels:
            said = odd[number] or _unlike_print(symbol, one, len(places) == 2) or said
        if said:
            said = f"The {ordinal(before + number + 1)} digit {said}."
            found[place] = symbol if symbol.warning else symbol._replace(warning=said)
    return found


def _odd(texts: list[str], levels: list[str]) -> list[str | None]:
    """Of each digit: what is odd about where it stands, in lining figures and in old-style ones."""
    is_old_style = all(OLD_STYLE[text] == level for text, level in zip(texts, levels, strict=True))
    is_low_line = all(text in "012" for text, level in zip(texts, levels, strict=True) if level == "full")
    # Many digits, or a bracket at either end.
    is_sure = levels.count("full") > 2 or levels.count("beyond") > 1
    found: list[str | None] = []
    for text, level in zip(texts, levels, strict=True):
        if level == "beyond" and text not in TAILED_BY_HAND and is_sure and not is_low_line:
            found.append("goes further down than the others: it may be a bracket or a sign")
        elif level in ("low", "tailed") and not is_old_style:
            found.append("is lower than the others: it may be a letter")
        else:
            found.append(None)
    return found


def _unlike_any(symbol: Symbol, prepared: Prepared) -> str | None:
    """What no digit is, printed or written."""
    if prepared.box[3] - prepared.box[1] < LEAST:
        return None
    if symbol.text in NEVER_MIRRORED and _mirrored(prepared) > MIRRORED:
        return "is the same upside down: it may be a sign"
    if symbol.text in NEVER_TURNED and _turned(prepared) > TURNED:
        return _TURNED_ROUND
    return None


def _unlike_print(symbol: Symbol, prepared: Prepared, is_pair: bool) -> str | None:
    """What no printed digit is; a pair by hand is now and then as even as print."""
    left, top, right, bottom = prepared.box
    if not is_pair and symbol.text in NEVER_TURNED and _turned(prepared) > PRINTED_TURNED:
        return _TURNED_ROUND
    is_wide = not is_pair and right - left - 1 > WIDE * (bottom - top)  # a grey edge is a pixel
    if symbol.text == "0" and is_wide and max(_mirrored(prepared, EDGES), _turned(prepared, EDGES)) > REGULAR:
        return "is wider than printed ones: it may be a letter"
    assert symbol.probabilities is not None
    if symbol.probabilities.max() < SURE:
        first, second = np.argsort(-symbol.probabilities)[:2]
        return f"could be {with_article(first)} or {with_article(second)}"
    return None


def _levels(spans: list[_Span], height: float) -> list[str] | None:
    """Of each: "full", "low" (a small letter), "tailed" (one that goes below the line), or "beyond" both lines.

    None where it is no print.
    """
    places, tops, bottoms = (np.array(values) for values in zip(*spans, strict=True))
    slopes = [
        (values[right] - values[left]) / (places[right] - places[left])
        for values in (tops, bottoms)
        for left, right in combinations(range(len(spans)), 2)
        if places[right] - places[left] > APART * height
    ]
    if level := _named(tops / height, bottoms / height):
        return level
    slope = _mode(slopes) if slopes else 0.0
    tilted = _named((tops - slope * places) / height, (bottoms - slope * places) / height)
    if not tilted or abs(slope) >= STEEPEST:
        return None
    # Few digits that a line is laid through agree too easily to say that one is odd, and no lower than others are high.
    is_sure = len(spans) > 3 and ("tailed" not in tilted or tilted.count("full") > MOST_BY_CHANCE)
    return tilted if is_sure or set(tilted) == {"full"} else None


def _named(tops: np.ndarray, bottoms: np.ndarray) -> list[str] | None:
    """`_levels` for tops and bottoms in heights, downwards, on a level line."""
    line = np.percentile(bottoms, 50, method="lower")
    is_deep = bottoms > line + UNDER
    beyond = is_deep & (tops < tops[~is_deep].min() + LEVEL)
    fall = tops - tops[~beyond].min()
    is_full, is_low = ~beyond & (fall < LEVEL), ~beyond & (fall > LOW[0]) & (fall < LOW[1])
    under = bottoms - np.median(bottoms[is_full])
    stands, is_tailed = np.abs(under) < LEVEL, under > UNDER
    fits = beyond | (is_full & stands) | (is_low & (stands | is_tailed))
    of_one_height = all(np.ptp(fall[own]) < LEVEL for own in (is_low & stands, is_low & is_tailed) if own.any())
    if not fits.all() or not of_one_height or is_full.sum() < 2 or np.ptp(under[is_full]) > LEVEL:
        return None
    names = np.where(beyond, "beyond", np.where(is_full, "full", np.where(stands, "low", "tailed")))
    return [str(name) for name in names]


def _mode(values: list[float]) -> float:
    """The median of the half of `values` that lie closest together."""
    ordered = np.sort(values)
    half = len(ordered) // 2 + 1
    start = int((ordered[half - 1 :] - ordered[: len(ordered) - half + 1]).argmin())
    return float(np.median(ordered[start : start + half]))


def _span(prepared: Prepared) -> _Span:
    left, _, right, _ = prepared.box
    rows = prepared.ink[:, left:right].max(1)
    return _Span((left + right) / 2, len(rows) - _edge(rows[::-1]), _edge(rows))


def _edge(rows: np.ndarray) -> float:
    """The place after the last row of ink, to parts of a row: where it falls to half of its strongest."""
    half = float(rows.max()) / 2
    last = int(np.flatnonzero(rows >= half)[-1])
    after = float(rows[last + 1]) if last + 1 < len(rows) else 0.0
    return last + (float(rows[last]) - half) / (float(rows[last]) - after)


def _mirrored(prepared: Prepared, levels: tuple[int, int] = INNER) -> float:
    own = _own(prepared, levels)
    return _overlap(own, own[::-1])


def _turned(prepared: Prepared, levels: tuple[int, int] = INNER) -> float:
    own = _own(prepared, levels)
    return _overlap(own, own[::-1, ::-1])


def _own(prepared: Prepared, levels: tuple[int, int]) -> np.ndarray:
    """The digit's box of the image, 0 at the first of `levels` and below, 1 at the second and above."""
    clear = prepared.image >= 60
    rows, columns = np.flatnonzero(clear.any(1)), np.flatnonzero(clear.any(0))
    own = prepared.image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(float)
    none, whole = levels
    ink: np.ndarray = ((own - none) / (whole - none)).clip(0, 1)
    return ink


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.minimum(one, other).sum() / np.maximum(one, other).sum())
