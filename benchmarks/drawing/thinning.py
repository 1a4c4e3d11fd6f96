"""Pictures of digits -> pen strokes: thinned to lines one pixel wide, and those traced.

Thinning is T. Y. Zhang and C. Y. Suen, "A fast parallel algorithm for thinning digital patterns", 1984, on the digit
enlarged, so that its edges are smooth.
"""

import numpy as np
from PIL import Image

from mnist_core.drawing.strokes import Stroke

LARGER = 4  # times: an MNIST digit is thinned so much larger
INK = 112  # grey levels of 255: from here on a pixel is ink
SPUR = 0.8  # pens: a side branch that is shorter is a bump of the edge and no stroke
STEP = 3  # pixels of the enlarged digit between a traced stroke's points
_AROUND = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]  # (down, right), clockwise from above
Pixel = tuple[int, int]


def thinned(images: np.ndarray) -> np.ndarray:
    """Lines one pixel wide in the middle of the ink: bool (n, 4 * 28, 4 * 28) of uint8 (n, 28, 28)."""
    side = images.shape[1] * LARGER
    large = [Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC) for image in images]
    ink = np.pad(np.stack([np.asarray(one) >= INK for one in large]), ((0, 0), (1, 1), (1, 1)))
    changed = np.ones(len(ink), bool)
    while changed.any():
        before = ink[changed]
        now = _peeled(_peeled(before, 0), 1)
        ink[changed] = now
        changed[changed] = (now != before).any((1, 2))
    return ink[:, 1:-1, 1:-1]


def _peeled(ink: np.ndarray, turn: int) -> np.ndarray:
    """Without the pixels of the ink's rim (right and below, or left and above) that nothing hangs together by."""
    p = [np.roll(ink, (-down, -right), (1, 2)) for down, right in _AROUND]
    count = sum(one.astype(np.int8) for one in p)
    rises = sum((~p[i] & p[(i + 1) % 8]).astype(np.int8) for i in range(8))
    above, right, below, left = p[0], p[2], p[4], p[6]
    corners = (
        ~(above & right & below) & ~(right & below & left)
        if turn == 0
        else ~(above & right & left) & ~(above & below & left)
    )
    return ink & ~((count >= 2) & (count <= 6) & (rises == 1) & corners)


def traced(lines: np.ndarray, pen: float) -> list[Stroke]:
    """The strokes of one thinned digit, bool (height, width): float (n, 2) each, x and y in pixels.

    A stroke runs from an end or a crossing to the next; `pen` is the width, in pixels, of what was thinned. The first
    and the last point stay where they are, the others are smoothed.
    """
    pixels = {(int(y), int(x)) for y, x in np.argwhere(lines)}
    near = {pixel: _neighbours(pixel, pixels) for pixel in pixels}
    ways = _ways(near)
    ends = [pixel for way in ways for pixel in (way[0], way[-1])]
    kept = [
        way
        for way in ways
        if len(ways) == 1 or len(way) >= SPUR * pen or min(map(ends.count, way[:: len(way) - 1 or 1])) > 1
    ]
    return [_smooth(np.array(way, float)[:, ::-1] + 0.5, pen) for way in kept or ways]


def _neighbours(pixel: Pixel, pixels: set[Pixel]) -> list[Pixel]:
    """Those that touch it; one over a corner only where no side leads there."""
    y, x = pixel
    beside = [place for place in ((y - 1, x), (y, x + 1), (y + 1, x), (y, x - 1)) if place in pixels]
    over = [
        (y + down, x + right)
        for down in (-1, 1)
        for right in (-1, 1)
        if (y + down, x + right) in pixels and (y + down, x) not in pixels and (y, x + right) not in pixels
    ]
    return beside + over


def _ways(near: dict[Pixel, list[Pixel]]) -> list[list[Pixel]]:
    """Chains of pixels between ends and crossings, then closed loops; a lone pixel is a chain of one."""
    found: list[list[Pixel]] = []
    gone: set[frozenset[Pixel]] = set()
    nodes = [pixel for pixel, those in near.items() if len(those) != 2]
    for start in [*nodes, *near]:
        if not near[start]:
            found.append([start])
        for step in near[start]:
            if frozenset((start, step)) in gone:
                continue
            way = [start, step]
            gone.add(frozenset(way))
            while len(near[way[-1]]) == 2 and way[-1] != start:
                following = next(pixel for pixel in near[way[-1]] if pixel != way[-2])
                gone.add(frozenset((way[-1], following)))
                way.append(following)
            found.append(way)
    return found


def _smooth(way: np.ndarray, pen: float) -> Stroke:
    """The way without the stairs of its pixels, a point every `STEP`."""
    if len(way) < 4:
        return way
    closed = bool((way[0] == way[-1]).all())
    reach = max(1, min(round(pen / 3), (len(way) - 1) // 2))
    bell = np.hanning(2 * reach + 3)[1:-1]
    if closed:
        padded = np.concatenate([way[-1 - reach : -1], way, way[1 : 1 + reach]])
    else:  # mirrored in its ends, which stay
        padded = np.concatenate([2 * way[:1] - way[reach:0:-1], way, 2 * way[-1:] - way[-2 : -2 - reach : -1]])
    smooth = np.stack([np.convolve(padded[:, axis], bell / bell.sum(), "valid") for axis in (0, 1)], 1)
    return np.concatenate([smooth[:-1:STEP], smooth[-1:]])


def digit_strokes(images: np.ndarray) -> list[list[Stroke]]:
    """Of each digit, uint8 (n, 28, 28), its strokes, in a unit box."""
    found = []
    for image, lines in zip(images, thinned(images), strict=True):
        area = (image >= INK).sum() * LARGER**2
        pen = min(float(area / max(1, lines.sum())), 6.0 * LARGER)
        found.append([stroke / lines.shape[0] for stroke in traced(lines, pen)])
    return found
