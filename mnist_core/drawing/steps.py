"""The steps from a picture to 28x28, each as a picture, and plain shrinking to compare with."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from mnist_core.drawing.ink.find import find_ink, find_page
from mnist_core.drawing.ink.grey import to_grey
from mnist_core.drawing.prepare import BOX, SIDE, prepare, scale_to_box, to_levels


class Rung(NamedTuple):
    """One step on the way from the picture to what the network sees."""

    title: str
    image: np.ndarray  # uint8 (height, width), ink bright on black but for the first


def ladder(picture: np.ndarray, evened: np.ndarray | None = None) -> list[Rung]:
    """The steps of `prepare`: grey picture, its strokes evened where they are known, ink found, the paper's lines taken
    away where there are some, crop, 20-pixel box, 28x28; the last three only where ink is."""
    steps = [Rung("Picture", to_grey(picture).round().astype(np.uint8))]
    if evened is not None:
        steps.append(Rung("The same strokes, even pen", evened))
        picture = evened
    prepared, page = prepare(picture, evened), find_page(picture, evened is not None)
    ink = page.ink
    steps.append(Rung("Ink", to_levels(ink if page.lined is None else page.lined)))
    if page.lined is not None:
        steps.append(Rung("Without the paper's lines", to_levels(ink)))
    if prepared is None:
        return steps
    left, top, right, bottom = prepared.box
    crop = ink[top:bottom, left:right]
    small = scale_to_box(np.ascontiguousarray(crop))
    return [
        *steps,
        Rung("Crop", to_levels(crop)),
        Rung(f"Within {BOX} by {BOX}", to_levels(small / small.max())),
        Rung(f"{SIDE} by {SIDE}, centred", prepared.image),
    ]


def plain_shrink(picture: np.ndarray) -> np.ndarray:
    """What shrinking alone would have made of `picture`: uint8 (28, 28), ink bright on black, all black when blank.

    No crop, no centring: what most demonstrations give their network.
    """
    ink = find_ink(picture)
    if not ink.any():
        return np.zeros((SIDE, SIDE), np.uint8)
    return np.asarray(Image.fromarray(to_levels(ink)).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
