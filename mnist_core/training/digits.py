"""The digits that a training sees: which they are, and what its augmentation makes of them."""

from typing import NamedTuple

from torch import Tensor

from mnist_core.config.train_config import TrainConfig
from mnist_core.data.augmentation import augment
from mnist_core.data.batches import batches, epoch_order, first_of_each_class, generator, with_every_tenth
from mnist_core.data.mnist import Mnist, Split


class Batch(NamedTuple):
    """What one update looks at: normalised images float32 (n, 1, 28, 28), and labels int64 (n,)."""

    images: Tensor
    labels: Tensor


def splits(config: TrainConfig, data: Mnist, own: Split | None = None) -> tuple[Split, Split, Split]:
    """What is trained on, the validation digits (the last of the 60,000; often none), and the test split.

    `own`: a reader's drawings, which then replace one training digit in ten.
    """
    images, labels = data.train
    kept = len(labels) - config.validation_size
    train = Split(images[:kept], labels[:kept])
    if config.digits_per_class:
        train = first_of_each_class(train, config.digits_per_class)
    if config.synthetic_digits:
        from mnist_core.drawing import synthetic  # a second or two, and only where they are wanted

        train = train.and_(synthetic.load(config.synthetic_digits).tensors())
    if own is not None:
        train = with_every_tenth(train, own)
    return train, Split(images[kept:], labels[kept:]), data.test


def as_shown(config: TrainConfig, images: Tensor, epoch: int, batch: int) -> Tensor:
    """Normalised images as the update sees them that makes batch `batch` of epoch `epoch` (both from 0)."""
    if config.augmentation == "none":
        return images
    return augment(images, config.augmentation, generator(config.seed, epoch, batch + 1), config.augmentation_strength)


def batch_of(config: TrainConfig, train: Split, epoch: int, batch: int) -> Batch:
    """Batch `batch` of epoch `epoch` (both from 0) as a training on `train`, the first of `splits`, sees it."""
    return _batch(config, train, epoch_order(config.seed, epoch, len(train.labels)), epoch, batch)


def one_digit(config: TrainConfig, train: Split, index: int, epochs: int) -> list[Tensor]:
    """Digit `index` of `train` as the training sees it in each of its first `epochs`: float32 (28, 28) each."""
    seen = []
    for epoch in range(epochs):
        order = epoch_order(config.seed, epoch, len(train.labels))
        batch, place = divmod(int((order == index).nonzero()), config.batch_size)
        seen.append(_batch(config, train, order, epoch, batch).images[place, 0])
    return seen


def _batch(config: TrainConfig, train: Split, order: Tensor, epoch: int, batch: int) -> Batch:
    upto = order[: (batch + 1) * config.batch_size]  # else some thousand digits are made ready for nothing
    images, labels = next(batches(train, upto, config.batch_size, batch))
    return Batch(as_shown(config, images, epoch, batch), labels)
