"""Warped digits: what may change and what may not."""

import pytest
import torch
from torch import Tensor

from mnist_core.config.train_config import AugmentationName
from mnist_core.data.augmentation import augment
from mnist_core.data.mnist import MEAN, STD, Mnist, normalise

PAPER = -MEAN / STD


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def images(digits: Mnist) -> Tensor:
    return normalise(digits.train.images[:64])


def test_none_returns_the_very_images(images: Tensor) -> None:
    assert augment(images, "none", seeded(0)) is images


@pytest.mark.parametrize("kind", ["affine", "elastic"])
def test_the_generator_alone_decides(images: Tensor, kind: AugmentationName) -> None:
    first = augment(images, kind, seeded(1))
    torch.manual_seed(99)  # the global generator has no say
    assert torch.equal(first, augment(images, kind, seeded(1)))
    assert not torch.equal(first, augment(images, kind, seeded(2)))


@pytest.mark.parametrize("kind", ["affine", "elastic"])
def test_digits_stay_themselves_on_clean_paper(images: Tensor, kind: AugmentationName) -> None:
    warped = augment(images, kind, seeded(3))
    assert warped.shape == images.shape
    assert not torch.equal(warped, images)
    torch.testing.assert_close(warped[:, :, 0].median(), torch.tensor(PAPER), rtol=0, atol=1e-4)
    assert warped.min() >= PAPER - 1e-4, "no pixel is emptier than paper"
    assert warped.max() <= images.max() + 1e-4, "none is blacker than ink"
    ink = (images - PAPER).sum((1, 2, 3)), (warped - PAPER).sum((1, 2, 3))
    share = ink[1] / ink[0]
    assert 0.5 < share.min() < share.max() < 2  # scaled by 0.85 to 1.15 each way, perhaps a little cut off


def test_a_blank_sheet_stays_blank() -> None:
    blank = torch.full((4, 1, 28, 28), PAPER)
    torch.testing.assert_close(augment(blank, "elastic", seeded(0)), blank, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", ["affine", "elastic"])
def test_half_the_strength_moves_a_blot_half_as_far(kind: AugmentationName) -> None:
    y, x = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    blot = PAPER + 3 * torch.exp(-((y - 18) ** 2 + (x - 10) ** 2) / 8).expand(200, 1, 28, 28)

    def moved(strength: float) -> Tensor:
        ink = augment(blot, kind, seeded(4), strength)[:, 0] - PAPER
        centres = [(ink * place).sum((1, 2)) / ink.sum((1, 2)) for place in (y, x)]
        return torch.stack(centres, 1) - torch.tensor([18, 10])

    whole, half = moved(1.0), moved(0.5)
    assert whole.norm(dim=1).mean() > 1, "pixels"
    # Not to the digit: a rotation is no straight line, and a blot that is sheared or bent shifts its own centre.
    assert (half - whole / 2).norm(dim=1).mean() < 0.15 * whole.norm(dim=1).mean() / 2
