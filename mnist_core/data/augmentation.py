"""Batches of digits, each a little turned, scaled, sheared, moved and bent: what a pen might as well have written.

The warp is one bilinear sampling of the whole batch (P. Simard, D. Steinkraus, J. Platt, "Best practices for
convolutional neural networks", 2003, for affine and elastic distortion of MNIST), a function of the images and a
generator alone, so that a resumed training sees the same digits.
"""

import functools
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mnist_core.config.train_config import AugmentationName
from mnist_core.data.mnist import MEAN, STD

ROTATION = math.radians(15)  # at most, either way
SCALE = 0.15  # each axis by 1 +- this
SHEAR = 0.2
SHIFT = 2.5  # pixels
BEND = 0.6  # pixels: standard deviation of the elastic field at its knots
KNOTS = 5  # of the field, a side; smooth in between


def augment(images: Tensor, kind: AugmentationName, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Warp normalised images, float32 (n, 1, 28, 28), `strength` times as far as said above; `none` leaves them.

    Draws from `generator` (on the CPU) alone.
    """
    if kind == "none":
        return images
    n, side = len(images), images.shape[-1]
    u = (torch.rand(n, 6, generator=generator) * 2 - 1) * strength
    angle, shear = u[:, 0] * ROTATION, u[:, 3] * SHEAR
    scale_x, scale_y = 1 + u[:, 1] * SCALE, 1 + u[:, 2] * SCALE
    cos, sin = angle.cos(), angle.sin()
    shift = u[:, 4:6] * (SHIFT / (side / 2))  # grid_sample's axes go from -1 to 1
    matrix = torch.stack(
        [
            torch.stack([cos * scale_x, (shear * cos - sin) * scale_y, shift[:, 0]], 1),
            torch.stack([sin * scale_x, (shear * sin + cos) * scale_y, shift[:, 1]], 1),
        ],
        1,
    )
    grid = F.affine_grid(matrix, [n, 1, side, side], align_corners=False)
    if kind == "elastic":
        field = torch.randn(n, 2, KNOTS, KNOTS, generator=generator) * (strength * BEND / (side / 2))
        between = _between_knots(side)
        grid = grid + (between @ field @ between.T).permute(0, 2, 3, 1)
    return resample(images, grid.to(images.device))


@functools.cache
def _between_knots(side: int) -> Tensor:
    """What bicubic interpolation makes of `KNOTS` numbers in a row, (side, KNOTS): as a product it takes a tenth."""
    return F.interpolate(torch.eye(KNOTS)[None, None], size=(side, KNOTS), mode="bicubic", align_corners=True)[0, 0]


def resample(images: Tensor, grid: Tensor) -> Tensor:
    """Normalised images (n, 1, height, width) at the points of `grid` (as for `grid_sample`); outside them is paper."""
    paper = -MEAN / STD
    return F.grid_sample(images - paper, grid, align_corners=False) + paper
