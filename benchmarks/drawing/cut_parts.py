"""Parts of writing as a number is cut into them (`mnist_core/drawing/number/`): cut rightly, or wrongly.

The detector learns from both: digits that touch, cut where one ends, with the small faults of such a cut; and what is
cut anywhere else, two digits in one part, letters whole and in parts.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from benchmarks.drawing import marks
from benchmarks.pictures import fonts
from benchmarks.pictures.case import lay
from benchmarks.pictures.writing import cropped, leaning, reweighted
from mnist_core.data.mnist import Arrays
from mnist_core.drawing import strokes, synthetic
from mnist_core.drawing.ink.residue import CLEAR_INK
from mnist_core.drawing.number import cuts, partition

RIGHT = 0.08  # of a digit's ink may be missing, and of a part's be another's, and it is that digit
WRONG = 0.25  # from here on it is none
BAR = 3.5  # times as long as thick, and upright: it is a 1, whatever it was cut from
TRIES = 60  # parts of a line that are looked at
EACH = 3  # wrong parts of a line are taken, at most, and one right one


class Part(NamedTuple):
    """What a line of writing was cut into, somewhere."""

    image: np.ndarray  # uint8 (28, 28), as the networks see it
    fault: float  # the share of ink, 0 to 1, that it has too much or too little of the digit that it is most like
    label: int  # that digit; -1 where there are only letters


def parts(seed: int, index: int, mnist: Arrays) -> list[Part]:
    """Some parts of line `index` of this seed, written with digits of `mnist`, synthetic ones, and letters."""
    rng = np.random.default_rng((seed, index, 12))
    height = int(rng.integers(26, cuts.FINE + 1))
    pen, slant = rng.uniform(-0.9, 0.9), rng.choice([0, 0, rng.uniform(-0.2, 0.35)])
    with_letters = rng.random() < 0.3
    layers: list[tuple[np.ndarray, int, int]] = []  # its ink, its top and left
    labels: list[int | None] = []
    end = height
    for _ in range(int(rng.choice([1, 2, 3], p=[0.25, 0.5, 0.25]))):
        letter = with_letters and rng.random() < 0.75
        high = round(height * rng.uniform(0.82, 1.15))
        if letter and rng.random() < 0.4:
            part = _typed(fonts.NO_DIGITS, high, rng)
        elif letter:
            part = _painted(strokes.fitted(marks.written(marks.LETTERS, rng), 1.0, (0.0, 0.0)), high, rng)
        elif rng.random() < 0.35:
            label, drawn = synthetic.digit_strokes(seed + 5000, int(rng.integers(1_000_000)))
            part = _painted(drawn, high, rng)
        else:
            one = rng.integers(len(mnist.labels))
            label = int(mnist.labels[one])
            part = reweighted(_enlarged(mnist.images[one], high), pen, height)
        part = cropped(leaning(part, slant))
        top = 2 * height + round(rng.normal(0, 0.05) * height) - part.shape[0]
        left = end + round(rng.uniform(-0.14, 0.04) * height)
        if rng.random() < 0.4 and layers:
            left = _closest(layers[-1], part, top) + round(rng.uniform(-0.12, 0.03) * height)
        end = max(end, left + part.shape[1])
        layers.append((part, top, left))
        labels.append(None if letter else label)
    own = []
    for part, top, left in layers:
        alone = np.zeros((3 * height, end + height), np.float32)
        lay(alone, part, top, left)
        own.append(alone)
    return _some(np.stack(own), labels, height, rng)


def _some(own: np.ndarray, labels: list[int | None], height: int, rng: np.random.Generator) -> list[Part]:
    """`own` is the ink of each letter or digit, float (n, rows, columns); some of the parts of all of it."""
    ink = ndimage.gaussian_filter(own.max(0), rng.uniform(0, 0.7))
    clear = ink >= CLEAR_INK
    rows, columns = np.flatnonzero(clear.any(1)), np.flatnonzero(clear.any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    ink, own = ink[box], own[:, *box]
    seams = cuts.seams(ink, height)
    pairs = [(left, right) for left in range(len(seams) + 1) for right in range(left + 1, len(seams) + 2)]
    found: list[Part] = []
    room = {True: 1, False: EACH}  # for a right part, and for wrong ones
    for place in rng.permutation(len(pairs))[:TRIES]:
        left, right = pairs[place]
        before, after = (seams[at - 1] if 0 < at <= len(seams) else None for at in (left, right))
        mine = cuts.part(ink, before, after)
        shared = own[:, mine].sum(1)
        faults = 1 - shared / np.maximum(own.sum((1, 2)), max(ink[mine].sum(), 1e-6))
        faults[[label is None for label in labels]] = 1.0
        most = int(faults.argmin())
        is_right = bool(faults[most] < RIGHT)
        if RIGHT <= faults[most] < WRONG or not room[is_right]:
            continue
        prepared = partition.part_between(ink, seams, left, right, height)
        if prepared is not None and (is_right or not _is_bar(prepared.image)):
            label = labels[most]
            found.append(Part(prepared.image, float(faults[most]), -1 if label is None else label))
            room[is_right] -= 1
    return found


def _is_bar(image: np.ndarray) -> bool:
    """Whether it is a straight line, more or less upright."""
    rows, columns = np.mgrid[:28, :28]
    weights = image / image.sum()
    y, x = rows - (rows * weights).sum(), columns - (columns * weights).sum()
    spread = np.array([[(x * x * weights).sum(), (x * y * weights).sum()], [0, (y * y * weights).sum()]])
    spread[1, 0] = spread[0, 1]
    values, directions = np.linalg.eigh(spread)
    steep = abs(directions[1, 1]) > 0.6
    return bool(steep and values[1] > BAR**2 * max(values[0], 1e-6))


def _painted(drawn: list[np.ndarray], high: int, rng: np.random.Generator) -> np.ndarray:
    """Strokes in the box from -0.5 to 0.5 as ink, `high` pixels high: float32."""
    _, top, _, bottom = strokes.bounds(drawn)
    high_before = max(bottom - top, 0.4)
    pen = float(np.exp(rng.uniform(np.log(0.05), np.log(0.16))))
    scale = high * (1 - pen) / high_before
    side = 4 * cuts.FINE
    placed = [stroke * scale / side + 0.5 for stroke in drawn]
    return strokes.render(placed, max(1.0, pen * high), side).astype(np.float32) / 255


def _typed(characters: str, high: int, rng: np.random.Generator) -> np.ndarray:
    """One of `characters` in a font whose capitals are some `high` pixels high: float32."""
    ink = fonts.printed(str(rng.choice(list(characters))), fonts.known(), rng)
    scale = high / fonts.SIZE / 0.7
    rows, columns = (max(2, round(n * scale)) for n in ink.shape)
    return np.asarray(Image.fromarray(ink).resize((columns, rows), Image.Resampling.BOX))


def _enlarged(image: np.ndarray, high: int) -> np.ndarray:
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    crop = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = max(2, round(crop.shape[1] * high / crop.shape[0]))
    return np.asarray(Image.fromarray(crop).resize((width, high), Image.Resampling.BICUBIC), np.float32) / 255


def _closest(before: tuple[np.ndarray, int, int], part: np.ndarray, top: int) -> int:
    """The leftmost column where `part`, its top at row `top`, lies right of the one before in each row."""
    other, its_top, left = before
    first, last = max(top, its_top), min(top + part.shape[0], its_top + other.shape[0])
    ends, starts = other[first - its_top : last - its_top] > 0.3, part[first - top : last - top] > 0.3
    both = ends.any(1) & starts.any(1)
    if not both.any():
        return left + other.shape[1]
    right = other.shape[1] - ends[both][:, ::-1].argmax(1)
    return int(left + (right - starts[both].argmax(1)).max())
