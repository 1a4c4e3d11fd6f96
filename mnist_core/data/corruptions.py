"""What can happen to a digit on its way to the network: turned, moved, scaled, noisy, blurred, thinner, thicker, faint.

The kinds follow MNIST-C (N. Mu, J. Gilmer, "MNIST-C: a robustness benchmark for computer vision", 2019), noise and
contrast ImageNet-C (D. Hendrycks, T. Dietterich, 2019), strokes Morpho-MNIST (D. Castro et al., 2019), which widens and
narrows them on a finer grid. Each strength is a quantity with a unit rather than a severity from 1 to 5, and the same
digit is always corrupted in the same way, so that networks are compared on the same pictures.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Generator, Tensor

    Change = Callable[[Tensor, float, Generator], Tensor]


class Corruption(NamedTuple):
    """One kind: what a person reads of it, and the strengths at which networks are tested."""

    title: str
    description: str
    axis: str  # what the strength is, with its unit
    neutral: float  # the strength that leaves a digit as it is
    strengths: tuple[float, ...]


CORRUPTIONS: dict[str, Corruption] = {
    "rotation": Corruption("Rotation", "Turned to the left or to the right.", "degrees", 0, (10, 20, 30, 45, 60, 90)),
    "shift": Corruption("Shift", "Moved left, right, up or down.", "pixels", 0, (1, 2, 3, 4, 5, 6)),
    "scale": Corruption("Scale", "Smaller or larger.", "size, 1 is its own", 1, (0.5, 0.65, 0.8, 1.2, 1.4, 1.6)),
    "noise": Corruption(
        "Noise",
        "Each pixel lighter or darker.",
        "deviation, full ink is 1",
        0,
        (0.1, 0.2, 0.3, 0.4, 0.6, 0.8),
    ),
    "blur": Corruption("Blur", "Out of focus.", "deviation in pixels", 0, (0.5, 1, 1.5, 2, 2.5, 3)),
    "strokes": Corruption(
        "Strokes", "A thinner or a thicker pen.", "change of width in pixels", 0, (-1.5, -1, -0.5, 1, 2, 3)
    ),
    "contrast": Corruption(
        "Contrast",
        "Ink and paper closer to the same grey.",
        "share that is left",
        1,
        (0.8, 0.6, 0.4, 0.3, 0.2, 0.1),
    ),
}


def corrupt(images: "Tensor", kind: str, strength: float, seed: int = 0) -> "Tensor":
    """The digits `images`, uint8 (n, 28, 28), as `kind` leaves them: uint8 (n, 28, 28).

    Directions and noise are random, but the same for the same `kind`, `seed` and n. Raises KeyError for another kind.
    """
    import torch

    generator = torch.Generator().manual_seed(list(CORRUPTIONS).index(kind) * 1000 + seed)
    changed = _CHANGES[kind](images.float() / 255, strength, generator)
    return (changed.clamp(0, 1) * 255).round().to(torch.uint8)


def _rotation(images: "Tensor", degrees: float, generator: "Generator") -> "Tensor":
    import torch

    angles = math.radians(degrees) * _signs(len(images), generator)
    cosine, sine, zero = angles.cos(), angles.sin(), torch.zeros(len(images))
    return _affine(images, torch.stack([cosine, sine, zero, -sine, cosine, zero], 1).view(-1, 2, 3))


def _shift(images: "Tensor", pixels: float, generator: "Generator") -> "Tensor":
    import torch

    step, side = int(pixels), images.shape[-1]
    padded = torch.nn.functional.pad(images, (step, step, step, step))
    moved = torch.stack(
        [padded[:, y : y + side, x : x + side] for y, x in ((step, 0), (step, 2 * step), (0, step), (2 * step, step))]
    )
    return moved[torch.randint(4, (len(images),), generator=generator), torch.arange(len(images))]


def _scale(images: "Tensor", factor: float, generator: "Generator") -> "Tensor":
    import torch

    matrix = torch.tensor([[1 / factor, 0, 0], [0, 1 / factor, 0]])
    # Pixels are skipped where a digit shrinks: it is blurred a little first, as Pillow and torchvision do.
    smoothed = _blur(images, 0.5 * math.sqrt(1 / factor**2 - 1), generator) if factor < 1 else images
    return _affine(smoothed, matrix.expand(len(images), 2, 3))


def _noise(images: "Tensor", deviation: float, generator: "Generator") -> "Tensor":
    import torch

    return images + deviation * torch.randn(images.shape, generator=generator)


def _blur(images: "Tensor", deviation: float, generator: "Generator") -> "Tensor":
    """A Gaussian along the rows and along the columns, as two matrix products: ten times as fast as convolutions."""
    import torch

    if deviation == 0:
        return images
    side = images.shape[-1]
    weights = torch.exp(-0.5 * (torch.arange(-side, side + 1) / deviation) ** 2)
    distances = torch.arange(side) - torch.arange(side).unsqueeze(1)
    kernel = (weights / weights.sum())[distances + side]
    return kernel @ images @ kernel


_FINER = 4  # pixels of the finer grid to one of the digit's, as in Morpho-MNIST


def _strokes(images: "Tensor", pixels: float, generator: "Generator") -> "Tensor":
    """The shape of the ink, grown (or the paper grown into it) by an octagon on a grid four times as fine.

    Each turn moves an edge by one fine pixel, so a stroke, which has two, changes by half a pixel.
    """
    import torch.nn.functional as F

    if pixels == 0:
        return images
    fine = F.interpolate(images.unsqueeze(1), scale_factor=_FINER, mode="bilinear", align_corners=False).squeeze(1)
    shape = fine > 0.5 if pixels > 0 else fine <= 0.5
    for turn in range(round(abs(pixels) * _FINER / 2)):
        across = _beside(shape, 2)
        shape = _beside(across, 1) if turn % 2 else across | _beside(shape, 1)  # a square, a cross
    ink = shape if pixels > 0 else ~shape
    return F.avg_pool2d(ink.float().unsqueeze(1), _FINER).squeeze(1)


def _beside(shape: "Tensor", dimension: int) -> "Tensor":
    """The shape, bool (n, height, width), with the neighbours on both sides along one dimension."""
    grown, size = shape.clone(), shape.shape[dimension]
    grown.narrow(dimension, 1, size - 1).logical_or_(shape.narrow(dimension, 0, size - 1))
    grown.narrow(dimension, 0, size - 1).logical_or_(shape.narrow(dimension, 1, size - 1))
    return grown


def _contrast(images: "Tensor", share: float, generator: "Generator") -> "Tensor":
    mean = images.mean((1, 2), keepdim=True)
    return (images - mean) * share + mean


_CHANGES: "dict[str, Change]" = {
    "rotation": _rotation,
    "shift": _shift,
    "scale": _scale,
    "noise": _noise,
    "blur": _blur,
    "strokes": _strokes,
    "contrast": _contrast,
}


def _affine(images: "Tensor", matrices: "Tensor") -> "Tensor":
    """Each output pixel from where its matrix (n, 2, 3) points to in the input, about the centre; paper outside."""
    import torch.nn.functional as F

    grid = F.affine_grid(matrices, [len(images), 1, *images.shape[1:]], align_corners=False)
    return F.grid_sample(images.unsqueeze(1), grid, align_corners=False).squeeze(1)


def _signs(n: int, generator: "Generator") -> "Tensor":
    import torch

    return torch.randint(2, (n,), generator=generator) * 2.0 - 1
