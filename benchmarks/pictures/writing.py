"""A line of digits and marks, as a hand writes them on paper."""

import numpy as np
from PIL import Image
from scipy import ndimage

from benchmarks.pictures.ageing import aged, on_paper
from benchmarks.pictures.case import Digits, lay
from mnist_core.drawing import strokes

Points = list[tuple[float, float]]  # (x, y) in heights of the line: x to the right, y up from the base line


class Line:
    """Ink that grows from left to right: each part is written right of what stands already.

    `height` is the digits', in pixels; `pen` -1 to 1 makes the digits' lines thinner or thicker; `slant` leans all of
    them to the right, columns a row.
    """

    def __init__(self, rng: np.random.Generator, height: int, pen: float = 0.0, slant: float = 0.0) -> None:
        self.rng, self.height, self.pen, self.slant = rng, height, pen, slant
        self.base = 2 * height  # the base line's row
        self.ink = np.zeros((4 * height, 2 * height), np.float32)
        self.end = height // 2  # the column where the last part ends
        self.text = ""

    @property
    def width(self) -> float:
        """Of the pen, in heights of the line."""
        return 0.11 * (1 + 0.45 * self.pen)

    def write(self, part: np.ndarray, text: str, gap: float, drop: float = 0.0, near: bool = False) -> None:
        """Write `part`, `gap` heights right of the last part's box and its bottom `drop` heights under the base line.

        Where `near`, the gap lies where the ink comes closest, rather than between the boxes.
        """
        part = cropped(part)
        top = self.base + round(drop * self.height) - part.shape[0]
        start = self._closest(part, top) if near and self.text else self.end
        left = start + round(gap * self.height)
        missing = left + part.shape[1] + 2 * self.height - self.ink.shape[1]
        self.ink = np.pad(self.ink, ((0, 0), (0, max(0, missing))))
        lay(self.ink, part, top, left)
        self.end = max(self.end, left + part.shape[1])
        self.text += text

    def digit(self, digits: Digits, gap: float, drop: float = 0.0, near: bool = False, size: float = 1.0) -> None:
        """Write one of `digits`, `size` heights high."""
        part, label = digits.draw(self.rng, max(4, round(self.height * size)))
        self.write(leaning(reweighted(part, self.pen, self.height), self.slant), str(label), gap, drop, near)

    def mark(self, drawn: list[Points], text: str, gap: float, pen: float = 1.0) -> None:
        """Draw strokes, the leftmost point `gap` right of the last part; `pen` in the line's own widths."""
        ways = [np.array(points, float) for points in drawn]
        left, right = min(way[:, 0].min() for way in ways), max(way[:, 0].max() for way in ways)
        start = self.end + gap * self.height
        side = 4 * self.height
        box = [(way - [left - 0.5, 2.0]) * [self.height / side, -self.height / side] for way in ways]
        painted = strokes.render(box, max(1.0, self.width * pen * self.height), side).astype(np.float32) / 255
        at = round(start) - round(0.5 * self.height)
        missing = round(start) + round((right - left + 2) * self.height) + side - self.ink.shape[1]
        self.ink = np.pad(self.ink, ((0, 0), (0, max(0, missing))))
        lay(self.ink, painted, 0, at)
        self.end = round(start + (right - left) * self.height)
        self.text += text

    def picture(self, strength: float | None = None) -> np.ndarray:
        """On paper, photographed: uint8."""
        rng = self.rng
        rows, columns = np.flatnonzero(self.ink.any(1)), np.flatnonzero(self.ink.any(0))
        margin = [round(self.height * rng.uniform(0.25, 0.9)) + 3 for _ in range(4)]
        ink = self.ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        ink = np.pad(ink, ((margin[0], margin[1]), (margin[2], margin[3])))
        grey = on_paper(ink, pen=rng.uniform(15, 100), paper=rng.uniform(185, 250))
        return aged(grey, rng, rng.uniform(0, 1) if strength is None else strength)

    def _closest(self, part: np.ndarray, top: int) -> int:
        """The leftmost column where `part` at row `top` would not overlap in any row (or just above or under it)."""
        wide = self.ink.shape[1]
        rows = slice(max(0, top), top + part.shape[0])
        own = ndimage.maximum_filter1d(self.ink[rows] > 0.4, 3, axis=0)
        ends = np.where(own.any(1), wide - own[:, ::-1].argmax(1), 0)
        inked = part > 0.4
        starts = np.where(inked.any(1), inked.argmax(1), part.shape[1])[-len(ends) :]
        return int((ends - starts)[ends > 0].max(initial=self.end - part.shape[1]))


def cropped(part: np.ndarray) -> np.ndarray:
    clear = part > 0.1
    rows, columns = np.flatnonzero(clear.any(1)), np.flatnonzero(clear.any(0))
    return part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def leaning(part: np.ndarray, slant: float) -> np.ndarray:
    """`part` leant to the right by `slant` columns a row; its shape grows."""
    if not slant:
        return part
    height, width = part.shape
    more = abs(slant) * height
    matrix = (1, slant, -(slant * height if slant > 0 else 0), 0, 1, 0)
    picture = Image.fromarray(part).transform(
        (width + round(more), height), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )
    return np.asarray(picture)


def reweighted(part: np.ndarray, pen: float, height: int) -> np.ndarray:
    """With lines thinner (`pen` -1, by some 45 %) or thicker (1, as much); padded by what they grow."""
    grown = round(0.06 * height) + 1
    part = np.pad(part, grown)
    if not pen:
        return part
    # The edge of the ink moved by so many pixels along its distance to the middle of the edge.
    inside = part > 0.5
    if not inside.any():
        return part
    distance = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
    by = 0.11 * 0.45 / 2 * pen * height
    return (distance + by + 0.5).clip(0, 1).astype(np.float32)
