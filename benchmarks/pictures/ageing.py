"""What lies between paper and file: ink on paper, a lens, a sensor, a telephone's compression."""

import io

import numpy as np
from PIL import Image, ImageFilter


def on_paper(ink: np.ndarray, pen: float = 40, paper: float = 230) -> np.ndarray:
    """Ink, float (height, width) 0 to 1, as grey levels, float32: `pen` where it is 1, `paper` where it is 0."""
    return (paper + (pen - paper) * ink.clip(0, 1)).astype(np.float32)


def aged(grey: np.ndarray, rng: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """A picture of the paper: a little out of focus, seen from a little aside, noisy, compressed; uint8, same shape.

    `strength` 0 leaves it, 1 is a hasty telephone.
    """
    return taken(aside(grey, rng, strength, float(np.median(grey))), rng, strength)


def aside(grey: np.ndarray, rng: np.random.Generator, strength: float, beyond: float) -> np.ndarray:
    """Grey levels, 0 to 255, seen from a little aside; `beyond` is what lies around them. uint8, same shape."""
    picture = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    height, width = grey.shape
    moved = rng.uniform(-1, 1, (4, 2)) * 0.02 * strength * min(height, width)
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)]) + moved  # as Pillow wants them
    return np.asarray(
        picture.transform(
            picture.size,
            Image.Transform.QUAD,
            corners.ravel().tolist(),
            Image.Resampling.BICUBIC,
            fillcolor=int(beyond),
        )
    )


def taken(levels: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """What a telephone makes of grey levels (height, width) or colours (height, width, 3), 0 to 255: uint8, same shape.

    A little out of focus, noisy, compressed.
    """
    picture = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 1.2)) * strength))
    noisy = np.asarray(picture, np.float32) + rng.normal(0, 4 * strength, levels.shape)
    file = io.BytesIO()
    quality = int(rng.integers(95 - round(45 * min(strength, 1)), 96))
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert(picture.mode))
