"""Which digits a piece of ink holds: the network reads what lies between any two seams, and the surest row of digits is
taken (segment-and-recognise; as R. G. Casey and E. Lecolinet call it, "A survey of methods and strategies in character
segmentation", 1996).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from mnist_core.drawing.ink.residue import CLEAR_INK
from mnist_core.drawing.number import cuts
from mnist_core.drawing.prepare import Prepared, prepare_ink
from mnist_core.drawing.rejection import unlike_digits

Answer = Callable[[np.ndarray], np.ndarray]  # images, uint8 (n, 28, 28) -> ten probabilities each, float32 (n, 10)

WIDEST = 1.5  # heights of the line: no digit is wider
LOWEST = 0.5  # of the height: no digit of a line is so low
MOST_CANDIDATES = 400  # parts that are asked about in one picture: a second or two
CROSSING = 2.5  # what a seam through ink costs: the logarithm of its score, for each height of ink
TEXTS = 12  # readings that are followed up to each seam
# The natural logarithm of width over height, of MNIST's first 58,000 digits, 0 to 9: mean and standard deviation.
WIDTHS = np.array([-0.10, -0.92, -0.07, -0.23, -0.24, -0.07, -0.32, -0.26, -0.28, -0.39])
SPREAD = np.array([0.19, 0.45, 0.21, 0.21, 0.21, 0.25, 0.21, 0.21, 0.22, 0.20])
# How much better than any other a reading's score is that is believed: as one or two digits, and as more. Of 53 pairs
# of validation digits that touch it left 40 right, none wrong, and of 33 threes 5 and 1.
AHEAD, AHEAD_OF_MANY, AHEAD_ALONE = 0.2, 0.4, 0.05
THIN = 0.3  # heights of the line: two digits are not so thin
# What each part of a cut must score; less will do where no other reading is near; a 1 among them must be surer, for any
# upright stroke of a letter is one.
SURE_PART, SURE_PART_FAR_AHEAD, SURE_PART_BESIDE_A_ONE = 0.95, 0.85, 0.98
FAR_AHEAD = 0.6
SURELY_ONE = 2.0  # so far ahead of every cut it is one digit, if any: whether it is any, its own warning says
UNLIKELY = 0.97  # probability of being no digit above which a part is not asked about


class Reading(NamedTuple):
    """A way to divide a piece of ink into digits, and how sure each is."""

    text: str
    score: float  # the logarithm of the product of the parts' probabilities, and of what the seams cost
    surest: tuple[float, ...]  # of each part: the probability that it is that digit
    borders: tuple[int, ...]  # of the parts: 0, the seams' numbers from 1, and one more than there are seams


class Divided(NamedTuple):
    """A piece of ink, its seams, and the readings that are worth something, the best first."""

    ink: np.ndarray  # float32, reduced (`cuts.reduced`)
    seams: list[cuts.Seam]
    readings: list[Reading]

    def owners(self, reading: Reading) -> np.ndarray:
        """For each pixel of `ink`, to which digit of a reading it belongs, from 1: int, 0 where to none."""
        owners = np.zeros(self.ink.shape, int)
        for number, (left, right) in enumerate(zip(reading.borders, reading.borders[1:], strict=False), 1):
            owners[cuts.part(self.ink, self._seam(left), self._seam(right))] = number
        return owners

    def _seam(self, border: int) -> cuts.Seam | None:
        return self.seams[border - 1] if 0 < border <= len(self.seams) else None


def divide(pieces: Sequence[np.ndarray], height: float, answer: Answer) -> list[Divided]:
    """For each of `pieces`, ink float32 (rows, columns), what digits it may hold; `height` is that of the line's."""
    found = []
    candidates: list[tuple[int, int, int, Prepared]] = []
    for number, ink in enumerate(pieces):
        small = cuts.reduced(ink, height)
        scale = ink.shape[0] / small.shape[0]
        line = height / scale
        its = cuts.seams(small, line)
        found.append((small, its))
        candidates += [
            (number, left, right, prepared)
            for left in range(len(its) + 1)
            for right in range(left + 1, len(its) + 2)
            if (prepared := part_between(small, its, left, right, line))
        ]
    unlike = unlike_digits([prepared.image for *_, prepared in candidates])
    asked = np.flatnonzero(unlike <= UNLIKELY)
    if len(asked) > MOST_CANDIDATES:
        asked = np.sort(asked[np.argsort(unlike[asked], kind="stable")[:MOST_CANDIDATES]])
    asked_images = [candidates[place][3].image for place in asked]
    probabilities = answer(np.stack(asked_images)) if asked_images else np.empty((0, 10), np.float32)
    edges: list[dict[tuple[int, int], np.ndarray]] = [{} for _ in pieces]
    for place, ten in zip(asked, probabilities, strict=True):
        number, left, right, prepared = candidates[place]
        edges[number][left, right] = ten * (1 - unlike[place]) * _as_wide(prepared)
    return [Divided(small, its, _readings(its, own)) for (small, its), own in zip(found, edges, strict=True)]


def part_between(ink: np.ndarray, its: list[cuts.Seam], left: int, right: int, height: float) -> Prepared | None:
    """What lies between two borders, where it could be a digit by its size."""
    before, after = (its[at - 1] if 0 < at <= len(its) else None for at in (left, right))
    whole = before is None and after is None
    # Looked at before the ink itself: of many seams most pairs are too far apart.
    if before is not None and after is not None and np.median(after.columns - before.columns) > WIDEST * height:
        return None
    own = cuts.part(ink, before, after)
    rows, columns = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
    if not len(rows):
        return None
    high, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    if not whole and (high < LOWEST * height or wide > WIDEST * height):
        return None
    # With the faint ink around it, but for its neighbours'.
    from scipy import ndimage

    near = ndimage.binary_dilation(own, np.ones((3, 3)))
    return prepare_ink(np.where(own | (near & (ink < CLEAR_INK)), ink, np.float32(0)))


def _readings(its: list[cuts.Seam], edges: dict[tuple[int, int], np.ndarray]) -> list[Reading]:
    """The best division for each of the likeliest texts, the surest first.

    `edges` is what a part between two borders scores as each of the ten digits: float (10,), 0 to 1.
    """
    last = len(its) + 1
    ways: list[dict[str, Reading]] = [{} for _ in range(last + 1)]
    ways[0][""] = Reading("", 0.0, (), (0,))
    for right in range(1, last + 1):
        cost = CROSSING * its[right - 1].crossed if right < last else 0.0
        here = ways[right]
        for left in range(right):
            if (scores := edges.get((left, right))) is None:
                continue
            for digit in np.argsort(-scores)[:2]:
                own = float(scores[digit])
                for before in ways[left].values():
                    text, score = before.text + str(digit), before.score + float(np.log(own + 1e-9)) - cost
                    if text not in here or here[text].score < score:
                        here[text] = Reading(text, score, (*before.surest, own), (*before.borders, right))
        if len(here) > TEXTS:
            ways[right] = dict(sorted(here.items(), key=lambda way: -way[1].score)[:TEXTS])
    return sorted(ways[last].values(), key=lambda reading: -reading.score)


def _as_wide(prepared: Prepared) -> np.ndarray:
    """How usual it is for each digit to be as wide for its height: float (10,), 1 within a standard deviation."""
    left, top, right, bottom = prepared.box
    off = np.abs((np.log((right - left) / (bottom - top)) - WIDTHS) / SPREAD)
    usual: np.ndarray = np.exp(-0.2 * (off - 1).clip(min=0) ** 2)
    return usual


def is_usual(prepared: Prepared, probabilities: np.ndarray, unlike: float, height: float) -> bool:
    """Whether a piece of ink is so surely one digit that no cut needs to be tried."""
    left, top, right, bottom = prepared.box
    if right - left < THIN * height:
        return True
    return bool(
        probabilities.max() > 0.97 and unlike < 0.1 and right - left < 0.9 * height and bottom - top < 1.4 * height
    )


def is_sure(divided: Divided, is_likely_one: bool = False) -> bool:
    """Whether the best reading is so far better than any other that it is to be believed.

    `is_likely_one`: by its width and by its own it would be taken for one digit.
    """
    first, *others = divided.readings
    ahead = first.score - others[0].score if others else np.inf
    if len(first.text) == 1:
        return (first.surest[0] > 0.5 or ahead > SURELY_ONE) and ahead > (AHEAD_ALONE if is_likely_one else AHEAD)
    if ahead <= (AHEAD_OF_MANY if len(first.text) > 2 else AHEAD):
        return False
    least = SURE_PART_BESIDE_A_ONE if "1" in first.text else SURE_PART_FAR_AHEAD if ahead > FAR_AHEAD else SURE_PART
    return min(first.surest) > least
