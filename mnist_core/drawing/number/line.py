"""A line of writing, read: its marks named, its pieces put together or cut into digits, and each digit asked about."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mnist_core.drawing.ink.residue import CLEAR_INK
from mnist_core.drawing.number import cuts, marks
from mnist_core.drawing.number.evening import even_image
from mnist_core.drawing.number.partition import Answer, divide, is_sure, is_usual
from mnist_core.drawing.number.pieces import Piece, Writing, shape_of
from mnist_core.drawing.number.printed import letters
from mnist_core.drawing.number.printed.ruled import is_ruled_stroke
from mnist_core.drawing.number.segmentation import Box, grouped, own_ink
from mnist_core.drawing.number.symbols import Number, Symbol, ordinal
from mnist_core.drawing.prepare import Prepared, prepare_ink
from mnist_core.drawing.rejection import A_DOT, DOUBTFUL, doubt, unlike_a_digit, unlike_digits, warning
from mnist_core.drawing.strokes import Drawn

SMALL = 0.5  # of the line's height: what is lower, and narrow, is no digit beside the others
NARROW = 0.7
RAISED, RAISED_HIGH = 0.35, 0.7  # what ends so high over the base line, and is no higher, is an exponent
SURE = 0.9  # probability of a digit from which on it is no blot, beside others
_APART = "leave some paper between them."


class _Digit(NamedTuple):
    """A digit's own pixels."""

    box: Box
    own: np.ndarray  # bool, of the box
    prepared: Prepared


class _Found(NamedTuple):
    """What stands in the line, before it is numbered."""

    left: int
    symbols: list[Symbol]
    doubt: str | None = None  # a sentence; "{first}" and "{last}" stand for the digits' places in the number


def read_line(
    ink: np.ndarray, labels: np.ndarray, line: Writing, answer: Answer, drawn: Drawn | None = None, before: int = 0
) -> Number:
    """Read a line of `ink`; `before` digits were read on the lines before it."""
    its_marks = marks.find_marks(ink, labels, line, drawn is not None)
    found = [_marked(mark) for mark in its_marks]
    known = {piece for mark in its_marks for piece in mark.pieces} | set(marks.dirt(line))
    groups, small = _groups(labels, [piece for piece in line.pieces if piece not in known], line)
    found += [_Found(group[0].left, [], _TOO_SMALL) for group in small]
    found += _read_groups(ink, labels, groups, line, answer, drawn)
    found.sort(key=lambda one: one.left)
    symbols: list[Symbol] = []
    warnings: list[str] = []
    for one in found:
        first = before + 1 + sum(symbol.text.isdigit() for symbol in symbols)
        symbols += one.symbols
        last = first - 1 + sum(symbol.text.isdigit() for symbol in one.symbols)
        if one.doubt:
            warnings.append(one.doubt.format(first=ordinal(first), last=ordinal(last)))
    if drawn is None:
        symbols = letters.doubted(symbols, line.height, before)
    warnings += [symbol.warning for symbol in symbols if symbol.warning]
    return Number(symbols, warnings[0] if warnings else None)


_TOO_SMALL = "Before the {first} digit there is something much smaller, which is left out: write all digits as large."


def _marked(mark: marks.Mark) -> _Found:
    doubt = f"There is {mark.doubt}: write it plainer." if mark.doubt else None
    return _Found(mark.left, [Symbol(mark.text, None, None, None)] if mark.text else [], doubt)


def _groups(labels: np.ndarray, pieces: list[Piece], line: Writing) -> tuple[list[list[Piece]], list[list[Piece]]]:
    """The pieces that make a digit each, or several that touch; and those too small for one."""
    groups: list[list[Piece]] = []
    small: list[list[Piece]] = []
    for group in grouped(pieces):
        high = max(piece.bottom for piece in group) - min(piece.top for piece in group)
        wide = max(piece.right for piece in group) - min(piece.left for piece in group)
        raised = (line.base - max(piece.bottom for piece in group)) / line.height
        if high < SMALL * line.height and len(group) == 1 and groups and _is_bar(labels, group[0], groups[-1], line):
            groups[-1].append(group[0])
        elif high < RAISED_HIGH * line.height and raised > RAISED:
            small.append(group)
        elif high >= SMALL * line.height or wide >= NARROW * line.height:
            groups.append(group)
        else:
            small.append(group)
    return groups, small


def _is_bar(labels: np.ndarray, piece: Piece, digit: list[Piece], line: Writing) -> bool:
    """Whether it is a 5's bar that stands right of it."""
    steep = shape_of(labels, piece).steep
    high = piece.middle[1] < line.base - 0.65 * line.height
    return high and min(steep, 180 - steep) < 40 and piece.left - max(p.right for p in digit) < marks.NEAR * line.height


def _prepared(ink: np.ndarray, box: Box, own: np.ndarray, drawn: Drawn | None) -> Prepared | None:
    alone = np.zeros_like(ink)
    alone[box] = np.where(own, ink[box], np.float32(0))
    prepared = prepare_ink(alone)
    if prepared is None or drawn is None:
        return prepared
    image = even_image(drawn, box, own)
    return prepared if image is None else replace(prepared, image=image)


def _read_groups(
    ink: np.ndarray, labels: np.ndarray, groups: list[list[Piece]], line: Writing, answer: Answer, drawn: Drawn | None
) -> list[_Found]:
    wholes = []
    for group in groups:
        box, own = own_ink(labels, group)
        if prepared := _prepared(ink, box, own, drawn):
            wholes.append(_Digit(box, own, prepared))
    if not wholes:
        return []
    probabilities = answer(np.stack([one.prepared.image for one in wholes]))
    unlike = unlike_digits([one.prepared.image for one in wholes])
    unusual = [
        place
        for place, one in enumerate(wholes)
        if not is_usual(one.prepared, probabilities[place], float(unlike[place]), line.height)
    ]
    found = [
        _Found(one.prepared.box[0], [_symbol(one.prepared, ten, len(wholes) == 1)])
        for one, ten in zip(wholes, probabilities, strict=True)
    ]
    pieces = [np.where(wholes[place].own, ink[wholes[place].box], np.float32(0)) for place in unusual]
    for place, divided in zip(unusual, divide(pieces, line.height, answer), strict=True):
        whole, ten = wholes[place], probabilities[place]
        left, _, right, _ = whole.prepared.box
        if not divided.readings:
            found[place] = _Found(left, [_symbol(whole.prepared, ten)], _UNREADABLE)
            continue
        best = divided.readings[0]
        is_likely_one = ten.max() > 0.9 and unlike[place] < 0.4 and right - left < 0.95 * line.height
        sure = is_sure(divided, bool(is_likely_one))
        if len(best.text) == 1:
            found[place] = _Found(left, [_symbol(whole.prepared, ten, len(wholes) == 1)], None if sure else _MAY_BE_TWO)
            continue
        symbols, is_printed = _cut(ink, whole, divided.owners(best), answer, drawn)
        sure = sure and "".join(symbol.text for symbol in symbols) == best.text
        doubt = None if sure else (_TWO_TOUCH if len(symbols) == 2 else _SOME_TOUCH)
        doubt = _A_LETTER if sure and is_printed else doubt
        # The bars of 4s that touch are such a line too.
        doubt = _STRUCK if set(best.text) != {"4"} and cuts.is_struck(divided.ink) else doubt
        found[place] = _Found(left, symbols, doubt)
    return found


_MAY_BE_TWO = f"The {{first}} digit may be two that touch: {_APART}"
_TWO_TOUCH = f"The {{first}} and {{last}} digits touch: {_APART}"
_SOME_TOUCH = f"The {{first}} to {{last}} digits touch: {_APART}"
_A_LETTER = "The {first} to {last} digits have a straight edge like print: they may be a letter."
_STRUCK = "A line runs through the {first} to {last} digits: write the number anew, if it is one."
_UNREADABLE = "The {first} piece of ink is no digit, or several that touch: write each apart and plainer."


def _cut(
    ink: np.ndarray, whole: _Digit, owners: np.ndarray, answer: Answer, drawn: Drawn | None
) -> tuple[list[Symbol], bool]:
    """The digits that a whole is cut into, as `owners` has it of its ink, reduced; whether a 1 of them is ruled."""
    rows, columns = whole.own.shape
    by = -(-rows // owners.shape[0])
    large = owners.repeat(by, 0).repeat(by, 1)[:rows, :columns]
    clear = whole.own & (ink[whole.box] > 0)
    if not large[clear].all():
        from scipy import ndimage

        # What fell to nobody, faint ink and crumbs, goes to whom it is nearest.
        at = ndimage.distance_transform_edt(large == 0, return_distances=False, return_indices=True)
        near = ndimage.binary_dilation(large > 0, np.ones((3, 3)), by + 1)
        large = np.where(near, large[tuple(at)], 0)
    parts = [clear & (large == number) for number in range(1, int(owners.max()) + 1)]
    found = [(part, prepared) for part in parts if (prepared := _prepared(ink, whole.box, part, drawn)) is not None]
    probabilities = answer(np.stack([prepared.image for _, prepared in found]))
    symbols = [_symbol(prepared, ten) for (_, prepared), ten in zip(found, probabilities, strict=True)]
    is_ruled = [is_ruled_stroke(_cropped(ink[whole.box] * part)) for part, _ in found]
    ones = [symbol.text == "1" for symbol in symbols]
    return symbols, drawn is None and any(one and ruled for one, ruled in zip(ones, is_ruled, strict=True))


def _cropped(ink: np.ndarray) -> np.ndarray:
    rows = np.flatnonzero((ink >= CLEAR_INK).any(1))
    return ink[rows[0] : rows[-1] + 1] if len(rows) else ink


def _symbol(prepared: Prepared, ten: np.ndarray, alone: bool = False) -> Symbol:
    said = warning(prepared, ten)
    if said and said.startswith("There seem to be"):  # which is what this is for
        said = "This does not look like a number: write its digits plainer, and some paper between them."
    if said == A_DOT and not alone and ten.max() > SURE:
        # As high as the other digits: one that a thick pen has filled.
        said = None if doubt(unlike_a_digit(prepared.image), float(ten.max())) <= DOUBTFUL else said
    return Symbol(str(ten.argmax()), prepared, ten, said)
