"""The order of an epoch and its batches: every digit once, from (seed, epoch) alone, and the same as ever."""

import itertools

import pytest
import torch

from mnist_core.config.train_config import settings
from mnist_core.data.batches import batches, epoch_order, generator
from mnist_core.data.mnist import Mnist, normalise


@pytest.mark.parametrize("count", [1, 10, 60_000])
def test_order_is_a_permutation(count: int) -> None:
    assert torch.equal(epoch_order(1, 0, count).sort().values, torch.arange(count))


@pytest.mark.parametrize("size", [1, 7, 96, 2000, 5000])
def test_batches_are_the_orders_digits_from_any_batch_on(digits: Mnist, size: int) -> None:
    order = epoch_order(1, 0, 2000)
    expected = list(order.split(size))
    for first in {0, 1, 20, len(expected) - 1, len(expected)}:
        found = list(batches(digits.train, order, size, first))
        assert len(found) == len(expected[first:])
        for (images, labels), chosen in zip(found, expected[first:], strict=True):
            assert torch.equal(images, normalise(digits.train.images[chosen]))
            assert torch.equal(labels, digits.train.labels[chosen])


def test_order_follows_from_seed_and_epoch_alone() -> None:
    orders = {(seed, epoch): epoch_order(seed, epoch, 1000) for seed in (0, 1, 2, 2**31 - 1) for epoch in (0, 1, 2, 99)}
    torch.manual_seed(5)
    for (seed, epoch), order in orders.items():
        assert torch.equal(epoch_order(seed, epoch, 1000), order)
    assert len({tuple(order.tolist()) for order in orders.values()}) == len(orders)


def test_no_two_batches_share_a_seed_also_at_the_bounds() -> None:
    last_epoch = int(settings()["epochs"].maximum or 0) - 1
    drawn = itertools.product((0, 1, 2), (0, 1, last_epoch), (0, 1, 60_000))
    seeds = [generator(*one).initial_seed() for one in drawn]
    assert len(set(seeds)) == len(seeds)


def test_runs_of_before_go_on_in_the_same_order() -> None:
    # As version 0.1 seeded them: another number here trains every resumed run in another order.
    assert generator(seed=3, epoch=7, batch=11).initial_seed() == (3 * 101 + 7) * 60_001 + 11


def test_order_leaves_the_generator_of_dropout_alone() -> None:
    before = torch.get_rng_state()
    epoch_order(1, 1, 1000)
    assert torch.equal(torch.get_rng_state(), before)
