"""Corruptions against SciPy's image functions and against what a pixel must do."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from mnist_core.data.corruptions import CORRUPTIONS, corrupt
from mnist_core.data.mnist import Mnist


@pytest.fixture
def images(digits: Mnist) -> torch.Tensor:
    return digits.test.images[:40]


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_the_neutral_strength_leaves_a_digit_as_it_is_and_every_other_changes_it(
    kind: str, images: torch.Tensor
) -> None:
    assert torch.equal(corrupt(images, kind, CORRUPTIONS[kind].neutral), images)
    for strength in CORRUPTIONS[kind].strengths:
        changed = corrupt(images, kind, strength)
        assert changed.dtype == torch.uint8
        assert changed.shape == images.shape
        assert (changed != images).flatten(1).any(1).all()


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_the_same_digit_is_corrupted_in_the_same_way(kind: str, images: torch.Tensor) -> None:
    strength = CORRUPTIONS[kind].strengths[2]
    torch.manual_seed(0)
    first = corrupt(images, kind, strength, seed=3)
    torch.manual_seed(1)
    assert torch.equal(corrupt(images, kind, strength, seed=3), first)


def test_a_shift_moves_every_digit_whole_in_one_of_four_directions(images: torch.Tensor) -> None:
    moved = corrupt(images, "shift", 3).numpy()
    directions = set()
    for before, after in zip(images.numpy(), moved, strict=True):
        fits = [
            d for d in ((0, 3), (0, -3), (3, 0), (-3, 0)) if np.array_equal(ndimage.shift(before, d, order=0), after)
        ]
        assert len(fits) == 1
        directions.add(fits[0])
    assert len(directions) == 4


def test_rotation_is_scipys_in_one_of_two_directions(images: torch.Tensor) -> None:
    turned = corrupt(images, "rotation", 30).float().numpy()
    signs = []
    for before, after in zip(images.float().numpy(), turned, strict=True):
        distances = [
            np.abs(ndimage.rotate(before, a, reshape=False, order=1, mode="grid-constant") - after).max()
            for a in (30, -30)
        ]
        signs.append(int(np.argmin(distances)))
        assert min(distances) < 1.0
    assert 5 < sum(signs) < 35, "both directions occur"


def test_blur_is_scipys_gaussian(images: torch.Tensor) -> None:
    blurred = corrupt(images, "blur", 1.5).numpy().astype(float)
    expected = ndimage.gaussian_filter(images.numpy().astype(float), (0, 1.5, 1.5), mode="constant", truncate=10)
    assert np.abs(blurred - expected).max() < 0.51


def test_scale_shrinks_and_grows_the_area_of_the_ink(images: torch.Tensor) -> None:
    ink = images.sum((1, 2)).double()
    halved = corrupt(images, "scale", 0.5).sum((1, 2)).double()
    assert (halved / ink - 0.25).abs().max() < 0.03


def test_noise_has_the_deviation_that_it_says() -> None:
    grey = torch.full((50, 28, 28), 128, dtype=torch.uint8)
    assert corrupt(grey, "noise", 0.1).float().std().item() == pytest.approx(25.5, rel=0.02)


def test_strokes_change_a_bar_by_the_pixels_that_they_say() -> None:
    bar = torch.zeros(1, 28, 28, dtype=torch.uint8)
    bar[0, 4:24, 10:16] = 255
    for change in (-1.5, -1, -0.5, 1, 2, 3):
        width = corrupt(bar, "strokes", change)[0, 14].sum().item() / 255
        assert width == pytest.approx(6 + change, abs=0.01)


def test_strokes_grow_an_octagon() -> None:
    """Six turns, three crosses and three squares, from one point: SciPy's own dilation with the same neighbourhoods."""
    dot = torch.zeros(1, 28, 28, dtype=torch.uint8)
    dot[0, 14, 14] = 255
    point = np.asarray(torch.nn.functional.interpolate(dot[None] / 255, scale_factor=4, mode="bilinear"))[0, 0] > 0.5
    for turn in range(6):
        point = ndimage.binary_dilation(point, ndimage.generate_binary_structure(2, 1 + turn % 2))
    expected = point.reshape(28, 4, 28, 4).mean((1, 3)) * 255
    assert np.abs(corrupt(dot, "strokes", 3)[0].numpy() - expected).max() <= 0.5


def test_contrast_keeps_the_mean_and_scales_the_differences(images: torch.Tensor) -> None:
    faint = corrupt(images, "contrast", 0.4).float()
    before = images.float()
    assert (faint.mean((1, 2)) - before.mean((1, 2))).abs().max() < 0.5
    assert (faint.std((1, 2)) / before.std((1, 2)) - 0.4).abs().max() < 0.01
