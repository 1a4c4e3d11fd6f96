"""Digits synthesised from pen strokes: hands and styles that MNIST has not.

Each is one of the styles in `stroke_templates.py` and `stroke_variants.py`, its points moved, drawn through by a
spline, bent, stretched, slanted and turned; painted with a pen of some width and prepared as any drawing is. Digit
`index` depends on (seed, index) alone.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from mnist_core.data.mnist import Arrays
from mnist_core.drawing import prepare, stroke_templates, stroke_variants, strokes
from mnist_core.drawing.ink import find, grey
from mnist_core.drawing.stroke_templates import ASPECT, STYLES
from mnist_core.drawing.stroke_variants import VARIANTS
from mnist_core.drawing.strokes import Stroke
from mnist_core.system.files import home, make_folder, write_atomically

PAPER = 48  # pixels a side on which a digit is painted: the 20 wanted, and more to take means of
JITTER = 0.035  # standard deviation of a skeleton's points, of the digit's height
PEN = (0.035, 0.24)  # width of the pen, of the digit's longer side: 8 pixels on 230, and 26 on 110
EVEN = 0.4  # share of the digits that are painted with the pen that the Draw page evens every drawing to
STEP = 0.05  # of the height: the pen's way is a line between points so far apart


def digit_strokes(seed: int, index: int) -> tuple[int, list[Stroke]]:
    """Digit `index` of this seed: its label, and its strokes with their longer side 1 and their middle at (0, 0)."""
    rng = np.random.default_rng((seed, index))
    label = index % 10
    styles = _styles()[label]
    style = styles[rng.integers(len(styles))]
    drawn = [_pen_path(points, corners, rng) for points, corners in style]
    return label, strokes.fitted(_bent(drawn, ASPECT[label], rng), 1.0, (0.0, 0.0))


def image(seed: int, index: int) -> tuple[np.ndarray, int]:
    """Digit `index` of this seed, uint8 (28, 28) as MNIST prepares it, and its label."""
    label, drawn = digit_strokes(seed, index)
    rng = np.random.default_rng((seed, index, 1))
    width = float(np.exp(rng.uniform(*np.log(PEN))))
    if rng.random() < EVEN:
        width = strokes.EVEN_PEN
    size = 0.96 / (1 + width)  # with half a pen on either side it fits the paper
    picture = strokes.render([stroke * size + 0.5 for stroke in drawn], width * size * PAPER, PAPER)
    prepared = prepare.prepare(picture, is_drawn=True)
    assert prepared is not None, "a pen leaves ink"
    return prepared.image, label


def synthesise(count: int, seed: int = 0, on_digit: Callable[[], None] = lambda: None) -> Arrays:
    """The first `count` digits of `seed`, as many of each: images uint8 (count, 28, 28), labels uint8 (count,).

    `on_digit` is called after each, for whoever must give a sign of life meanwhile.
    """
    images, labels = np.empty((count, 28, 28), np.uint8), np.empty(count, np.uint8)
    for index in range(count):
        images[index], labels[index] = image(seed, index)
        on_digit()
    return Arrays(images, labels)


def load(count: int, on_digit: Callable[[], None] = lambda: None) -> Arrays:
    """`synthesise(count)`, made once and kept in `data/handwriting/`; made again where the file is damaged.

    Making 20,000 takes about 20 s on one core. Raises FailedError where the folder cannot be written.
    """
    make_folder(_file(count).parent)
    path = _file(count)
    with suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        kept = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)  # an .npz: its parts have checksums
        return Arrays(kept["images"], kept["labels"])
    made = synthesise(count, on_digit=on_digit)
    np.savez(file := io.BytesIO(), images=made.images, labels=made.labels)
    write_atomically(path, file.getvalue())
    return made


def is_made(count: int) -> bool:
    """Whether `load` finds its file."""
    return _file(count).exists()


def _file(count: int) -> Path:
    return home() / "data" / "handwriting" / f"{count}-{_version()}.npz"


def _version() -> str:
    """Of the code that makes the digits: another code makes another file."""
    templates = (stroke_templates.__file__, stroke_variants.__file__)
    code = (*templates, strokes.__file__, find.__file__, grey.__file__, prepare.__file__, __file__)
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in code)).hexdigest()[:12]


@cache
def _styles() -> dict[int, list[list[tuple[np.ndarray, np.ndarray]]]]:
    """For each digit its styles, for each of those its strokes: points (n, 2), and which of them are corners."""
    return {digit: [parse(style) for style in (*styles, *VARIANTS[digit])] for digit, styles in STYLES.items()}


def parse(style: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """A style in the notation of `stroke_templates.py`: for each stroke its points (n, 2) and which are corners
    (n,)."""
    found = []
    for stroke in style.split(";"):
        words = stroke.split()
        points = [[float(value) / 100 for value in word.rstrip("!").split(",")] for word in words]
        found.append((np.array(points), np.array([word.endswith("!") for word in words])))
    return found


def _pen_path(points: np.ndarray, corners: np.ndarray, rng: np.random.Generator) -> Stroke:
    """A smooth way through the points, each moved a little, sharp at the corners; its ends are cut or drawn out."""
    points = points + rng.normal(0, JITTER, points.shape) + rng.normal(0, JITTER / 2, 2)
    cuts = [0, *np.flatnonzero(corners), len(points) - 1]
    roundness = rng.uniform(0, 0.5)
    pieces = [spline(points[a : b + 1], roundness) for a, b in pairwise(cuts) if b > a]
    way = np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])
    for end in (slice(None), slice(None, None, -1)):
        reversed_way = way[end]
        longer = rng.normal(0, 0.04)
        if longer > 0:
            way = np.concatenate([reversed_way[:1] * (1 + longer) - reversed_way[1:2] * longer, reversed_way])[end]
        elif len(way) > 8:
            way = reversed_way[int(-longer * len(way)) :][end]
    return way


def spline(points: np.ndarray, exponent: float = 0.5) -> np.ndarray:
    """A Catmull-Rom spline through points (n, 2), sampled about every `STEP` (C. Yuksel et al., 2011).

    Its knots are apart by the points' distance to the power of `exponent`: 0.5 (centripetal) turns tightly at the
    points, 0 (uniform) swings wide.
    """
    if len(points) == 2:
        return _between(points[0], points[1])
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    steps = np.diff(padded, axis=0)
    lengths = np.sqrt((steps * steps).sum(1)).clip(min=1e-3)
    knots = lengths**exponent
    speeds = steps / knots[:, None]
    before, after = knots[:-1, None], knots[1:, None]
    tangents = (speeds[:-1] * after + speeds[1:] * before) / (before + after)
    # Each piece as a cubic Hermite polynomial, all of them at once.
    counts = np.maximum(2, lengths[1:-1] / STEP).astype(int)
    piece = np.repeat(np.arange(len(counts)), counts)
    u = ((np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[piece])[:, None]
    inner = knots[1:-1, None]
    start, end = tangents[:-1] * inner, tangents[1:] * inner
    a, b = points[:-1], points[1:]
    bend = 2 * (a - b) + start + end
    way = ((bend[piece] * u + (3 * (b - a) - 2 * start - end)[piece]) * u + start[piece]) * u + a[piece]
    return np.concatenate([way, points[-1:]])


def _between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    count = max(2, int(np.linalg.norm(end - start) / STEP) + 1)
    return start + (end - start) * np.linspace(0, 1, count)[:, None]


def _bent(drawn: list[Stroke], aspect: float, rng: np.random.Generator) -> list[Stroke]:
    """The whole digit as this hand writes it: unevenly stretched, wavy, wide or narrow, slanted, turned."""
    stretch_x, stretch_y = np.exp(rng.normal(0, 0.18, 2))
    wide = aspect * np.exp(rng.normal(0, 0.25))
    # MNIST's own slants, of 2,000 digits of each class: means 0 to 0.26, standard deviations 0.21 to 0.32. A page that
    # lies askew turns what people write clockwise as often as the other way.
    slant, turn = np.clip(rng.normal(0.12, 0.25), -0.5, 0.75), np.radians(np.clip(rng.normal(1, 10), -28, 28))
    waves, phases, sizes = rng.uniform(2, 7, (2, 2)), rng.uniform(0, 2 * np.pi, (2, 2)), rng.normal(0, 0.012, (2, 2))
    bent = []
    for way in drawn:
        x, y = _power(way[:, 0], stretch_x), _power(way[:, 1], stretch_y)
        wave = (sizes * np.sin(waves * way[:, :, None] * 2 + phases)).sum(2)[:, ::-1]
        x, y = (x - 0.5) * wide + wave[:, 0], y - 0.5 + wave[:, 1]
        x = x - slant * y
        bent.append(np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], 1))
    return bent


def _power(values: np.ndarray, exponent: float) -> np.ndarray:
    """0 to 1 bent so that one half grows; what lies outside goes on straight."""
    inside = values.clip(0, 1)
    return inside**exponent + (values - inside)
