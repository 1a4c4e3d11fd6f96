"""Light that falls unevenly on paper: how much of it each place gets, float32 (height, width), 1 in full light."""

import numpy as np
from PIL import Image, ImageFilter

from benchmarks.pictures.ageing import aside, taken
from benchmarks.pictures.case import Digits, lay

Shape = tuple[int, int]


def a_shape(rng: np.random.Generator) -> Shape:
    """A picture's size in pixels: small and large ones alike, upright, wide or square."""
    side = np.exp(rng.uniform(np.log(90), np.log(1000)))
    height, width = side * rng.uniform(0.75, 1, 2)
    return round(height), round(width)


def written(rng: np.random.Generator, digits: Digits, shape: Shape) -> tuple[np.ndarray, str]:
    """A digit by a thin, common or thick pen, somewhere on the paper: its ink, 0 to 1, float32; and its label."""
    height = round(min(shape) * rng.uniform(0.25, 0.7))
    part, label = digits.draw(rng, height)
    pen = rng.choice(["thin", "common", "thick"], p=[0.3, 0.5, 0.2])
    if pen != "common":
        size = 2 * max(1, round(height * 0.015)) + 1
        rim = Image.fromarray(np.pad(part * 255, size).clip(0, 255).astype(np.uint8))
        changed = rim.filter(ImageFilter.MinFilter(size) if pen == "thin" and height > 50 else ImageFilter.MaxFilter(3))
        part = np.asarray(changed, np.float32) / 255
    ink = np.zeros(shape, np.float32)
    room = [max(1, n - m) for n, m in zip(shape, part.shape, strict=True)]
    top, left = (round(n * rng.uniform(0.12, 0.88)) for n in room)
    lay(ink, part, top, left)
    return aside(ink * 255, rng, 1, 0) / np.float32(255), str(label)


def photographed(
    ink: np.ndarray, light: np.ndarray, rng: np.random.Generator, pen: float = 40, paper: float = 230
) -> np.ndarray:
    """Ink on paper, grey levels `pen` on `paper`, in that light, by a telephone: uint8 (height, width)."""
    return taken((paper + (pen - paper) * ink.clip(0, 1)) * light, rng, float(rng.uniform(0.1, 1)))


def places(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of all pixels, 0 to 1 along the shorter side."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return y / min(shape), x / min(shape)


def step(distance: np.ndarray, softness: float) -> np.ndarray:
    """0 where `distance` is far below 0, 1 where it is far above; `softness` is how wide the change is."""
    return (0.5 + distance / max(softness, 1e-6)).clip(0, 1)


def ramp(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """From a window at one side: brighter there, a tenth to half darker at the other."""
    y, x = places(shape)
    angle = rng.uniform(0, 2 * np.pi)
    along = y * np.sin(angle) + x * np.cos(angle)
    along = (along - along.min()) / np.ptp(along)
    return 1 - rng.uniform(0.1, 0.5) * along ** rng.uniform(0.7, 2.5)


def corner(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """One corner in shade, softly."""
    y, x = places(shape)
    y, x = y if rng.random() < 0.5 else y.max() - y, x if rng.random() < 0.5 else x.max() - x
    lean, reach = rng.uniform(0.6, 1.6), rng.uniform(0.25, 1.3)
    far = (y * lean + x / lean) / reach if rng.random() < 0.5 else np.hypot(y * lean, x / lean) / reach
    return 1 - rng.uniform(0.2, 0.7) * (1 - far).clip(0, 1) ** rng.uniform(0.6, 2)


def shadow(rng: np.random.Generator, shape: Shape, through: tuple[float, float]) -> np.ndarray:
    """The edge of a shadow, hard or soft, near `through`: row and column, 0 to 1 along the shorter side."""
    y, x = places(shape)
    angle = rng.choice([0, 0.5, 1, 1.5]) * np.pi if rng.random() < 0.25 else rng.uniform(0, 2 * np.pi)
    off = (y - through[0]) * np.sin(angle) + (x - through[1]) * np.cos(angle)
    if rng.random() < 0.3:  # by something round
        radius = rng.uniform(0.5, 2)
        off = np.hypot(y - through[0] - radius * np.sin(angle), x - through[1] - radius * np.cos(angle)) - radius
    softness = rng.choice([0, rng.uniform(0, 0.03), rng.uniform(0.03, 0.3)])
    return 1 - rng.uniform(0.1, 0.6) * step(off, softness)


def hand(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """The shadow of a hand that reaches in from a side, with some fingers stretched."""
    y, x = places(shape)
    if rng.random() < 0.5:
        y, x = x, y
    if rng.random() < 0.5:
        y = y.max() - y
    middle, reach = rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.5)
    within = reach - np.hypot(np.maximum(y - 0, 0), (x - middle) / rng.uniform(0.8, 1.3))
    for _ in range(int(rng.integers(0, 4))):
        start, lean = middle + rng.uniform(-0.8, 0.8) * reach, rng.uniform(-0.4, 0.4)
        length, half = reach + rng.uniform(0.1, 0.3), rng.uniform(0.04, 0.08)
        within = np.maximum(within, half - np.hypot(x - start - lean * y, np.maximum(y - length, 0)))
    return 1 - rng.uniform(0.1, 0.55) * step(within, rng.uniform(0.005, 0.1))


def spot(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """A lamp's spot, bright inside, a third to four fifths darker outside."""
    y, x = places(shape)
    middle, radius = rng.uniform(0.2, 0.8, 2), rng.uniform(0.2, 0.7)
    far = np.hypot((y - middle[0]) * rng.uniform(0.8, 1.25), x - middle[1]) / radius
    dark = rng.uniform(0.3, 0.75)
    if rng.random() < 0.5:
        return 1 - dark * step(far - 1, rng.uniform(0.02, 0.8))
    return 1 - dark + dark * np.exp(-(far**2))


def any_light(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """One of these."""
    kind = rng.choice(["ramp", "corner", "shadow", "hand", "spot"])
    if kind == "shadow":
        return shadow(rng, shape, (float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.1, 0.9))))
    return {"ramp": ramp, "corner": corner, "hand": hand, "spot": spot}[kind](rng, shape)


def fold(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """A fold across the paper: a thin line, darker or brighter, one side a little darker than the other."""
    y, x = places(shape)
    angle = rng.choice([0, 0.5]) * np.pi + rng.normal(0, 0.06)
    off = (y - rng.uniform(0.2, 0.8)) * np.sin(angle) + (x - rng.uniform(0.2, 0.8)) * np.cos(angle)
    line = np.exp(-((off / rng.uniform(0.004, 0.02)) ** 2))
    return 1 - rng.uniform(-0.12, 0.25) * line - rng.uniform(0, 0.15) * step(off, rng.uniform(0.01, 0.3))
