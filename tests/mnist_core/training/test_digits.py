"""What the page shows of a training is what the training sees, batch by batch."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from mnist_core.config.train_config import AugmentationName, TrainConfig
from mnist_core.data.mnist import Mnist, grey_levels, normalise
from mnist_core.training.digits import batch_of, one_digit, splits
from mnist_core.training.loop import Training


@pytest.mark.parametrize("augmentation", ["none", "affine", "elastic"])
def test_batches_are_those_of_the_training(augmentation: AugmentationName, digits: Mnist) -> None:
    config = TrainConfig(
        model="mlp", epochs=2, batch_size=64, digits_per_class=13, augmentation=augmentation, seed=7, threads=1
    )
    few = Mnist(digits.train, type(digits.test)(digits.test.images[:50], digits.test.labels[:50]))
    seen: list[Tensor] = []

    @contextmanager
    def keep(images: Tensor) -> Iterator[None]:
        seen.append(images.clone())
        yield

    training = Training(config)
    training.observed = keep
    for _ in training.run(few):
        pass
    train, _, _ = splits(config, few)
    assert len(seen) == 2 * 3  # 130 digits: 64, 64 and 2
    for number, images in enumerate(seen):
        shown = batch_of(config, train, *divmod(number, 3))
        assert torch.equal(shown.images, images)
        assert len(shown.labels) == len(images)
    draws = one_digit(config, train, 17, 2)
    for epoch, draw in enumerate(draws):
        assert any(torch.equal(draw, image[0]) for images in seen[3 * epoch : 3 * epoch + 3] for image in images)
    as_it_is = normalise(train.images[17:18])[0, 0]
    assert [torch.equal(draw, as_it_is) for draw in draws] == [augmentation == "none"] * 2


def test_grey_levels_give_the_very_image_back(digits: Mnist) -> None:
    images = digits.test.images[:200]
    assert torch.equal(grey_levels(normalise(images))[:, 0], images)
