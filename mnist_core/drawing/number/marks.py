"""Marks of a number, by their shape and by where they stand in the line: a point, a comma, a minus, a colon, a slash.

Lengths are in heights of the line, places in heights over its base line. What people's marks look like was written
down, not fitted: `benchmarks.pictures.kinds.marks` draws some and counts.
"""

from typing import NamedTuple

import numpy as np

from mnist_core.drawing.number.pieces import Piece, Shape, Writing, shape_of
from mnist_core.drawing.number.printed.ruled import is_ruled

DIRT = 0.6  # of the pen's width: what is smaller in both ways no pen has made on purpose
THINNEST = 2.5  # pixels: print of a thinner pen is measured as some 2 wide
DOT = 0.34  # a point is no larger
LOW = 0.3  # a point's middle is no higher
COMMA = 0.6  # a comma is no longer
HANGS = 0.12  # a long one's middle is no higher: it hangs from the base line, as no digit does
# Of a font whose characters are equally wide it is as long, hangs so far below it, and is so many pens thick.
LONGEST, FAR, THICK = 0.7, 0.25, 3.0
FLAT = 28  # degrees from the horizontal: a minus is no steeper
BAR = 2.1  # times as long as thick: a minus
WIDEST_BAR = 1.1
BENT = 2.2  # pens: a comma's stroke may bend so far; the lower part of a 5 whose bar stands apart does more
STRAIGHT = 1.5  # pens: a stroke that bends is thicker than that, as `Shape` has it
LEANING = (50, 80)  # degrees from the horizontal: a slash, and 1s of many hands
OVER = (1.12, 1.22)  # times the height of the digits: from the first on it may be a slash, from the second it is one
UNDER = 0.05  # and it ends so far under the base line: some write a 1 higher than all other digits
EVEN_OVER = 1.05  # a stroke that also does and is as even as printed ones may be a slash from there on
AS_HIGH = 0.95  # times the height of the digits is a slash in many fonts, which ends on the base line
# Heights over the digits and under their base line: an upright stroke that goes so far beyond both is no 1, nor one of
# print that goes so far down.
BEYOND, PRINTED_BEYOND = 0.12, -0.05
BELOW = 0.24
UPRIGHT = (80, 97)  # degrees from the horizontal
LEANING_BACK = (100, 130)
PRINTED_BACK = 96  # in italics
NARROW, BOW = 0.55, (1.3, 3.0)  # a bracket also does, is no wider, and bends so far: in heights, and in pens
THIN = 0.4  # of the height: no wider is a 1, a slash or a bracket, and most digits are
HANGING = 0.12  # of the height: what ends so high over a point below it is a question or exclamation mark
ASIDE = 0.2  # of the height: the point may stand so far beside it
NEAR = 0.3  # of a digit's height: a bar so near right of it belongs to it, as of a 5
ARMS = 2.5  # pens: the strokes of a plus are no shorter
RING = 0.62  # a ring of a percent sign is no higher

NAMES = {".": "point", ",": "comma", "-": "minus", ":": "colon", "/": "slash", "=": "equals sign", "+": "plus"}
NAMES["%"] = "percent sign"


class Mark(NamedTuple):
    """A mark, or something that is neither a mark known here nor a digit."""

    text: str  # as in `Symbol`; empty where it has no name
    pieces: list[Piece]
    doubt: str | None = None  # what it may be, where it is not sure: "a point or a comma"

    @property
    def left(self) -> int:
        """The column where it begins."""
        return min(piece.left for piece in self.pieces)


class _Seen(NamedTuple):
    """A piece beside the line's height."""

    piece: Piece
    shape: Shape
    high: float
    wide: float
    low: float  # of its bottom, over the base line
    middle: float  # of its box's middle, over the base line

    @property
    def is_flat(self) -> bool:
        steep = min(self.shape.steep, 180 - self.shape.steep)
        return steep < FLAT and self.shape.length > BAR * self.shape.thickness and self.high < 0.42

    @property
    def is_small(self) -> bool:
        return self.high <= 0.5 or (self.high <= COMMA and self.middle < HANGS) or self.hangs_far

    @property
    def hangs_far(self) -> bool:
        return self.high <= LONGEST and self.wide < 0.5 and self.low < -FAR and self.middle < HANGS / 2

    @property
    def is_dot(self) -> bool:
        return max(self.high, self.wide) <= DOT and self.shape.length < 1.75 * self.shape.thickness


def find_marks(ink: np.ndarray, labels: np.ndarray, line: Writing, is_drawn: bool = False) -> list[Mark]:
    """The marks of a line of writing, from left to right; its other pieces are digits, or parts of them.

    `is_drawn`: the pen's strokes are known, so that nothing is printed. (A quick one may be as straight as print.)
    """
    seen = [_see(labels, piece, line) for piece in line.pieces]
    large = [one for one in seen if not one.is_small]
    small = [one for one in seen if one.is_small and not _is_dirt(one.piece, line)]
    found = _percents(labels, seen, line)
    used = {piece for mark in found for piece in mark.pieces}
    small = [one for one in small if one.piece not in used]
    for place, one in enumerate(small):
        for other in small[place + 1 :]:
            if one.piece in used or other.piece in used or not _stacked(one, other, large, line):
                continue
            if mark := _pair(one, other):
                found.append(mark)
                used |= set(mark.pieces)
    for one in small:
        if one.piece in used:
            continue
        if _is_plus(labels, one.piece, line):
            found.append(Mark("+", [one.piece]))
        elif mark := _small_mark(labels, one, large, line):
            found.append(mark)
    found = _divisions(found)
    for one in large:
        if one.piece not in used and (mark := _large_mark(ink, labels, one, large, line, is_drawn)):
            found.append(mark)
    return sorted(found, key=lambda mark: mark.left)


def _divisions(found: list[Mark]) -> list[Mark]:
    """A colon whose points have a bar between them is a division sign."""
    for colon in [mark for mark in found if mark.text == ":"]:
        (left, upper), (_, lower) = sorted((piece.middle for piece in colon.pieces), key=lambda middle: middle[1])
        for bar in [mark.pieces[0] for mark in found if mark.text == "-"]:
            if bar.left < left < bar.right and upper < bar.middle[1] < lower:
                own = [mark for mark in found if mark is not colon and mark.pieces != [bar]]
                return _divisions([*own, Mark("", [*colon.pieces, bar], "a division sign")])
    return found


def dirt(line: Writing) -> list[Piece]:
    """Pieces that are too small beside the pen to have been written."""
    return [piece for piece in line.pieces if _is_dirt(piece, line)]


def _is_dirt(piece: Piece, line: Writing) -> bool:
    # Where the pen is a pixel or two wide, a point is one.
    return line.pen > THINNEST and max(piece.height, piece.width) < DIRT * line.pen


def _see(labels: np.ndarray, piece: Piece, line: Writing) -> _Seen:
    height = line.height
    return _Seen(
        piece,
        shape_of(labels, piece),
        piece.height / height,
        piece.width / height,
        (line.base - piece.bottom) / height,
        (line.base - piece.middle[1]) / height,
    )


def _overlap(one: Piece, other: Piece) -> float:
    """How much of `one`'s width stands over or under `other`."""
    return max(0, min(one.right, other.right) - max(one.left, other.left)) / one.width


def _stacked(one: _Seen, other: _Seen, large: list[_Seen], line: Writing) -> bool:
    """Whether two small pieces stand over each other, and away from the digits."""
    near = abs(one.piece.middle[0] - other.piece.middle[0]) < 0.22 * line.height
    return near and all(_overlap(piece, big.piece) < 0.5 for piece in (one.piece, other.piece) for big in large)


def _stands_on(labels: np.ndarray, hook: Piece, point: Piece, line: Writing) -> bool:
    """Whether a point stands under the end of a hook or a stroke, which may lean; under a raised 7 it stands aside."""
    end = hook.left + np.flatnonzero(labels[hook.bottom - 1, hook.left : hook.right] == hook.label)
    return abs(float(end.mean()) - point.middle[0]) < ASIDE * line.height


def _pair(one: _Seen, other: _Seen) -> Mark | None:
    lower, upper = sorted([one, other], key=lambda seen: seen.middle)
    pieces = [lower.piece, upper.piece]
    if lower.is_flat and upper.is_flat and upper.middle - lower.middle < 0.6:
        return Mark("=", pieces)
    if upper.is_dot and lower.is_dot and upper.middle - lower.middle > 0.2:
        return Mark(":", pieces)
    if upper.is_dot and lower.low < 0.05:
        return Mark("", pieces, "a semicolon or a colon")
    return None


def _small_mark(labels: np.ndarray, one: _Seen, large: list[_Seen], line: Writing) -> Mark | None:
    """A point, a comma, a minus; or a small thing without a name, away from the digits."""
    over = max((_overlap(one.piece, big.piece) for big in large), default=0.0)
    shape = one.shape
    if one.is_dot and one.middle < LOW and (over < 0.7 or one.middle < 0.12):
        if any(big.low > HANGING and _stands_on(labels, big.piece, one.piece, line) for big in large):
            return Mark("", [one.piece], "a question or exclamation mark")
        return Mark(".", [one.piece]) if one.low > -0.16 else Mark(",", [one.piece])
    if over > 0.35:
        return None  # a part of the digit over or under it
    # A bar so high is a 5's, if a digit stands close before it, or in part under it.
    alone = all(not -0.5 < (one.piece.left - big.piece.right) / big.piece.height < NEAR for big in large)
    if one.is_flat and 0.18 < one.middle < (0.85 if alone else 0.62) and one.wide <= WIDEST_BAR:
        return Mark("-", [one.piece])
    steep = FLAT < shape.steep < 180 - FLAT
    hangs = one.hangs_far and shape.thickness < THICK * line.pen
    stands = one.low < 0.08 and one.middle < 0.25 and one.high <= COMMA and shape.thickness < BENT * line.pen
    if steep and (hangs or stands):
        if shape.length > 1.4 * shape.thickness:
            return Mark(",", [one.piece])
        return Mark("", [one.piece], "a point or a comma")
    return None


def _large_mark(
    ink: np.ndarray, labels: np.ndarray, one: _Seen, large: list[_Seen], line: Writing, is_drawn: bool
) -> Mark | None:
    """A slash or a plus."""
    # As high as a digit, an open 4 is like a plus, but its strokes cross lower and further right.
    if one.high < 0.85 and _is_plus(labels, one.piece, line):
        return Mark("+", [one.piece])
    if len(large) == 1 and _is_plus(labels, one.piece, line, least=0.4):
        return Mark("+", [one.piece])
    others = [other for other in large if other is not one]
    if not others:
        return None
    # Beside the digits that are no such strokes themselves, where there are some.
    others = [other for other in others if other.wide > THIN] or others
    over = one.high / float(np.median([other.high for other in others]))
    under = float(np.median([other.low for other in others])) - one.low
    above = one.low + one.high - float(np.median([other.low + other.high for other in others]))
    bent = one.shape.thickness / line.pen
    if bent < STRAIGHT and one.shape.length > 4 * one.shape.thickness:
        is_printed = over > AS_HIGH and not is_drawn and is_ruled(ink, labels, one.piece)
        return _stroke(one, over, above, under, bent, is_printed)
    bow = one.wide < NARROW and BOW[0] < bent < BOW[1]
    is_at_an_end = one in (large[0], large[-1])  # within a number it is rather a 3 before a flat 0
    if bow and is_at_an_end and over >= OVER[0] and under > UNDER:
        return Mark("", [one.piece], "a bracket")
    return None


def _stroke(one: _Seen, over: float, above: float, under: float, bent: float, is_printed: bool) -> Mark | None:
    """A slash, a backslash or an upright bar, where a straight stroke is none of a 1."""
    steep = one.shape.steep
    beyond = over >= OVER[0] or (over >= EVEN_OVER and under > UNDER and bent < 1)
    if LEANING[0] <= steep <= LEANING[1] and (beyond or is_printed):
        is_sure = over >= OVER[1] and min(under, -one.low) > UNDER
        return Mark("/", [one.piece], None if is_sure else "a 1 or a slash")
    least_back = PRINTED_BACK if is_printed else LEANING_BACK[0]
    if least_back <= steep <= LEANING_BACK[1] and (is_printed or (over >= OVER[0] and under > UNDER)):
        return Mark("", [one.piece], "a backslash")
    if UPRIGHT[0] < steep < UPRIGHT[1] and above > (PRINTED_BEYOND if is_printed else BEYOND) and under > BELOW:
        return Mark("", [one.piece], "an upright bar")
    return None


def _is_plus(labels: np.ndarray, piece: Piece, line: Writing, least: float = 0.22) -> bool:
    """Whether it is an upright and a level stroke that cross, and nothing else; each arm has `least` of its side."""
    own = labels[piece.top : piece.bottom, piece.left : piece.right] == piece.label
    if not 0.5 < piece.width / piece.height < 2.0 or own.mean() > 0.65 or min(own.shape) < ARMS * line.pen:
        return False
    if _has_hole(own):  # a small 9 of a thick pen
        return False
    row, column = (int(np.median(np.flatnonzero(n >= 0.95 * n.max()))) for n in (own.sum(1), own.sum(0)))
    reach = max(1.0, 0.8 * line.pen)
    rows, columns = (np.abs(np.arange(n) - at) <= reach for n, at in zip(own.shape, (row, column), strict=True))
    arms = own & (rows[:, None] | columns)
    if arms.sum() < 0.93 * own.sum():
        return False
    ends = (row, own.shape[0] - 1 - row, column, own.shape[1] - 1 - column)
    if min(ends[:2]) < least * own.shape[0] or min(ends[2:]) < least * own.shape[1]:
        return False
    return bool((own & rows[:, None]).any(0).mean() > 0.9 and (own & columns).any(1).mean() > 0.9)


def _percents(labels: np.ndarray, seen: list[_Seen], line: Writing) -> list[Mark]:
    """A leaning stroke with a small ring at the upper left and one at the lower right."""
    found = []
    for stroke in seen:
        if stroke.high < 0.6 or stroke.shape.length < 3 * stroke.shape.thickness:
            continue
        x, y = stroke.piece.middle
        rings = [one for one in seen if one is not stroke and max(one.high, one.wide) <= RING and _near(one, x, line)]
        upper = [one for one in rings if one.piece.middle[0] < x and one.piece.middle[1] < y]
        lower = [one for one in rings if one.piece.middle[0] > x and one.piece.middle[1] > y]
        if len(upper) == 1 and len(lower) == 1 and all(_is_ring(labels, one.piece) for one in (*upper, *lower)):
            found.append(Mark("%", [stroke.piece, upper[0].piece, lower[0].piece]))
    return found


def _near(one: _Seen, column: float, line: Writing) -> bool:
    return abs(one.piece.middle[0] - column) < 0.75 * line.height


def _is_ring(labels: np.ndarray, piece: Piece) -> bool:
    """Whether it holds a hole, or is as round as a ring that the pen has filled."""
    own = labels[piece.top : piece.bottom, piece.left : piece.right] == piece.label
    return _has_hole(own) or bool(own.mean() > 0.6)


def _has_hole(own: np.ndarray) -> bool:
    from scipy import ndimage

    return bool((ndimage.binary_fill_holes(own) & ~own).any())
