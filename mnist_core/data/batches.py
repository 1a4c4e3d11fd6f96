"""Which training digits an update sees: the order of an epoch, its batches, and the chance that belongs to them."""

from collections.abc import Iterator

import torch
from torch import Tensor

from mnist_core.data.mnist import Split, normalise


def first_of_each_class(split: Split, count: int) -> Split:
    """The first `count` digits of each class, in the order in which they stand in `split`."""
    found = torch.cat([(split.labels == digit).nonzero()[:count, 0] for digit in range(10)]).sort().values
    return Split(split.images[found], split.labels[found])


def with_every_tenth(split: Split, other: Split) -> Split:
    """The digits of `split`, every tenth replaced by one of `other`, which take turns."""
    places = torch.arange(0, len(split.labels), 10)
    chosen = torch.arange(len(places)) % len(other.labels)
    images, labels = split.images.clone(), split.labels.clone()
    images[places], labels[places] = other.images[chosen], other.labels[chosen]
    return Split(images, labels)


def epoch_order(seed: int, epoch: int, count: int) -> Tensor:
    """The order in which an epoch visits `count` digits: int64 (count,), the same for the same (seed, epoch)."""
    return torch.randperm(count, generator=generator(seed, epoch, 0))


def batches(split: Split, order: Tensor, size: int, first: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
    """The batches of an epoch in `order`, from number `first` on: images float32 (size, 1, 28, 28), normalised; labels.

    Some 2,000 digits (6 MB) are made ready at once: each of the small operations has all threads wait for one another.
    """
    ahead = max(2048 // size, 1) * size
    for begin in range(first * size, len(order), ahead):
        chosen = order[begin : begin + ahead]
        yield from zip(normalise(split.images[chosen]).split(size), split.labels[chosen].split(size), strict=True)


def generator(seed: int, epoch: int, batch: int) -> torch.Generator:
    """One for each batch's augmentation (from 1) and for each epoch's order (batch 0); none share a seed.

    At most 100 epochs of 60,000 batches and 2**31 seeds fit without overlap.
    """
    return torch.Generator().manual_seed((seed * 101 + epoch) * 60_001 + batch)
