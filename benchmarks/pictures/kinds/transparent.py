"""A picture with transparent surroundings: a note or photograph cut out, a sticker with its outline, ink alone."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from benchmarks.pictures.ageing import aged, on_paper
from benchmarks.pictures.case import Case, Digits, lay


def case(rng: np.random.Generator, digits: Digits) -> Case:
    side = int(rng.integers(100, 600))
    part, label = digits.draw(rng, round(side * rng.uniform(0.3, 0.5)))
    ink = np.zeros((side, side), np.float32)
    lay(ink, part, *(round((side - n) / 2 + side * rng.uniform(-0.05, 0.05)) for n in part.shape))
    make = (_note, _photograph, _sticker, _ink_alone)[int(rng.integers(4))]
    return Case(make(rng, ink), str(label))


def _note(rng: np.random.Generator, ink: np.ndarray) -> np.ndarray:
    """A rectangle of paper, its corners round or not, tilted, with a shadow or without."""
    side = len(ink)
    colours = rng.integers(190, 256, 3), rng.integers(0, 80, 3)
    if rng.random() < 0.25:
        colours = colours[::-1]
    paper, pen = (np.sort(colour)[::-1] for colour in colours)
    painted = paper + (pen - paper) * ink[..., None]
    shape = Image.new("L", (side, side))
    low, high = side * rng.uniform(0.06, 0.14, 2), side * rng.uniform(0.86, 0.94, 2)
    ImageDraw.Draw(shape).rounded_rectangle((*low, *high), side * rng.choice([0, 0.05, 0.15]), fill=255)
    shape = shape.rotate(rng.uniform(-12, 12) * (rng.random() < 0.5), Image.Resampling.BICUBIC)
    made = Image.fromarray(painted.clip(0, 255).astype(np.uint8)).convert("RGBA")
    made.putalpha(shape.point(lambda level: level * rng.choice([0.7, 1, 1])))
    if rng.random() < 0.3:
        fallen = ImageChops.offset(shape, side // 30).filter(ImageFilter.GaussianBlur(side / 40))
        shadow = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        shadow.putalpha(fallen.point(lambda level: level * 0.4))
        made = Image.alpha_composite(shadow, made)
    return np.asarray(made)


def _photograph(rng: np.random.Generator, ink: np.ndarray) -> np.ndarray:
    """A photograph of paper, cut out along a wobbling line."""
    side = len(ink)
    light = 1 - rng.choice([0, 0.1, 0.25]) * np.linspace(0, 1, side)  # darker on one side
    grey = on_paper(ink, pen=rng.uniform(20, 80), paper=rng.uniform(180, 240)) * light
    grey = aged(grey, rng, rng.uniform(0, 1))
    turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    bumps = sum(rng.uniform(-0.03, 0.03) * np.sin(n * turns + rng.uniform(0, 7)) for n in range(2, 7))
    radius = grey.shape[0] * (0.45 + bumps)
    places = zip(grey.shape[1] / 2 + radius * np.cos(turns), grey.shape[0] / 2 + radius * np.sin(turns), strict=True)
    shape = Image.new("L", grey.shape[::-1])
    ImageDraw.Draw(shape).polygon(list(places), fill=255)
    soft = shape.filter(ImageFilter.GaussianBlur(rng.uniform(0, side / 150)))
    return np.dstack([grey, grey, grey, np.asarray(soft)])


def _sticker(rng: np.random.Generator, ink: np.ndarray) -> np.ndarray:
    """Ink with an outline of another brightness."""
    mask = Image.fromarray((ink * 255).astype(np.uint8))
    wide = mask.filter(ImageFilter.MaxFilter(2 * max(2, round(len(ink) * rng.uniform(0.015, 0.05))) + 1))
    wide = wide.filter(ImageFilter.GaussianBlur(1)).point(lambda level: 255 if level > 60 else 0)
    pen, outline = rng.permutation([rng.uniform(0, 60), rng.uniform(200, 255)])
    grey = (outline + (pen - outline) * ink).astype(np.uint8)
    return np.dstack([grey, grey, grey, np.asarray(wide.filter(ImageFilter.GaussianBlur(0.7)))])


def _ink_alone(rng: np.random.Generator, ink: np.ndarray) -> np.ndarray:
    """Ink of one colour, or uneven along the stroke, wholly or half opaque, with a shadow or without."""
    side = len(ink)
    level = rng.choice([0, 255, 40, 220])
    shade = rng.normal(level, rng.choice([0, 6]), ink.shape) + np.linspace(0, rng.uniform(-40, 40), side)
    colour = [shade.clip(0, 255).astype(np.uint8)] * 3
    return np.dstack([*colour, (ink * rng.choice([255, 255, 150])).astype(np.uint8)])
