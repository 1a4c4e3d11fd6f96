"""What a printer puts on paper: ruling, squares, boxes; turned a little, as paper lies before a camera."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.pictures.ageing import aged
from benchmarks.pictures.case import Digits, lay

_FINER = 4  # times: drawn so much finer and reduced, so that a line may be of any width
Line = tuple[float, float, float, float, float]  # from x, y to x, y; its width; all in pixels


def draw_lines(shape: tuple[int, int], lines: Sequence[Line], tilt: float = 0, dash: float = 0) -> np.ndarray:
    """Lines turned by `tilt` degrees about the middle, float32 `shape` 0 to 1; `dash` pixels on and off."""
    height, width = shape
    fine = Image.new("L", (width * _FINER, height * _FINER))
    draw = ImageDraw.Draw(fine)
    turn = np.exp(1j * np.radians(tilt))
    middle = complex(width / 2, height / 2)
    for x0, y0, x1, y1, thick in lines:
        start, end = ((complex(x, y) - middle) * turn + middle for x, y in ((x0, y0), (x1, y1)))
        length = abs(end - start)
        along = (end - start) / length
        pieces = [(k, min(k + dash, length)) for k in np.arange(0, length, 2 * dash)] if dash else [(0.0, length)]
        for first, last in pieces:
            ends = [start + along * first, start + along * last]
            across = along * 1j * thick / 2
            corners = [ends[0] + across, ends[1] + across, ends[1] - across, ends[0] - across]
            draw.polygon([(_FINER * c.real, _FINER * c.imag) for c in corners], fill=255)
    return np.asarray(fine.reduce(_FINER), np.float32) / 255


def draw_box(shape: tuple[int, int], box: Sequence[float], thick: float, radius: float = 0) -> np.ndarray:
    """The outline of a box (left, top, right, bottom), its corners rounded: float32 `shape`, 0 to 1."""
    fine = Image.new("L", (shape[1] * _FINER, shape[0] * _FINER))
    ImageDraw.Draw(fine).rounded_rectangle(
        [_FINER * side for side in box], _FINER * radius, outline=255, width=max(1, round(_FINER * thick))
    )
    return np.asarray(fine.reduce(_FINER), np.float32) / 255


def turned(plane: np.ndarray, tilt: float) -> np.ndarray:
    """A plane, 0 to 1, turned by `tilt` degrees about its middle."""
    image = Image.fromarray(plane)
    return np.asarray(image.rotate(-tilt, Image.Resampling.BICUBIC)).clip(0, 1)


def written(rng: np.random.Generator, digits: Digits, height: int) -> tuple[np.ndarray, int]:
    """A digit's ink as `Digits.draw`, with a broad pen as MNIST's or, as often, a finer one."""
    part, label = digits.draw(rng, height)
    if rng.random() < 0.5 or height < 24:
        return part, label
    side = max(3, round(height / 24) * 2 + 1)  # two pixels of MNIST's 20, off a stroke that is some 2.5 thick
    thin = Image.fromarray((part * 255).clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(height / 60))
    thin = thin.filter(ImageFilter.MinFilter(min(side, 2 * (height // 40) + 1)))
    thinner = np.asarray(thin, np.float32) / 255
    if thinner.max() < 0.6 or (thinner > 0.5).sum() < 0.25 * (part > 0.5).sum():
        return part, label  # it would fall to pieces
    return thinner, label


def photographed(
    rng: np.random.Generator, lines: np.ndarray, pen: np.ndarray, shade: np.ndarray | float = 0
) -> np.ndarray:
    """Printed lines and the pen's ink as a picture: uint8, same shape. Ink lies over print, print over the shade."""
    paper = rng.uniform(190, 250)
    print_level = rng.uniform(20, 140)
    ground = paper - (paper - print_level) * lines.clip(0, 1) - shade
    ink = pen.clip(0, 1)
    pen_level = rng.uniform(15, 90)
    level = ground * (1 - ink) + np.minimum(ground, pen_level) * ink
    return aged(level.astype(np.float32), rng, rng.uniform(0, 1))


def place(rng: np.random.Generator, pen: np.ndarray, part: np.ndarray, top: float, left: float) -> None:
    """Lay a digit with its corner about there, at most a pixel off."""
    lay(pen, part, round(top + rng.uniform(-1, 1)), round(left + rng.uniform(-1, 1)))
