"""Attacks against the same made by hand with autograd, and against what is known exactly of a linear network."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mnist_core.config.networks import ModelName
from mnist_core.data.mnist import MEAN, STD, Mnist, normalise
from mnist_core.errors import RequestError
from mnist_core.interpretation.fooling.attacks import (
    STEPS,
    Method,
    distance,
    largest_difference,
    perturb,
    scaled,
    smallest,
)
from mnist_core.models.inference import infer, one_thread
from mnist_core.models.networks import REGISTRY
from mnist_core.system.plain_text import with_article
from tests.support.networks import varied


@pytest.fixture(autouse=True)
def one_thread_each() -> Iterator[None]:
    """Small batches, and a machine that others use too."""
    with one_thread():
        yield


def gradient_signs(network: nn.Module, image: Tensor, digit: int) -> Tensor:
    """Of how far the best other digit is above `digit`, by autograd; image uint8 (28, 28)."""
    x = image[None].float().requires_grad_()
    said = network(((x - 255 * MEAN) / (255 * STD)).unsqueeze(1))[0]
    others = [said[other] for other in range(10) if other != digit]
    return torch.autograd.grad(torch.stack(others).max() - said[digit], x)[0][0].sign()


def by_hand(network: nn.Module, image: Tensor, digit: int, size: int, method: Method, towards: bool) -> Tensor:
    """One image, one step after the other, in floats; each checked as a whole image."""
    now = image.float()
    short = max(1, round(2.5 * size / STEPS))
    for step in range(1 if method == "fgsm" else STEPS):
        as_image = now.to(torch.uint8)
        assert (as_image == now).all(), "whole grey levels"
        read = int(network(normalise(as_image[None])).argmax())
        if method == "pgd" and (read == digit) == towards:
            break
        length = size if step == 0 and not (method == "pgd" and towards) else min(short, 20)
        now = now + (-1 if towards else 1) * length * gradient_signs(network, as_image, digit)
        now = torch.maximum(torch.minimum(now, image.float() + size), image.float() - size).clamp(0, 255)
    return now.to(torch.uint8)


@pytest.mark.parametrize("name", REGISTRY)
def test_as_by_hand_to_the_grey_level(name: ModelName, digits: Mnist) -> None:
    network = varied(name)
    for place, (method, size, towards) in enumerate(
        [("fgsm", 20, False), ("pgd", 20, False), ("pgd", 3, False), ("pgd", 30, True), ("fgsm", 9, True)]
    ):
        image = digits.test.images[place]
        read = int(infer(network, image[None]).argmax())
        aim = (read + 3) % 10 if towards else read
        found = perturb(network, image[None], torch.tensor([aim]), size, method, towards)[0]  # type: ignore[arg-type]
        assert torch.equal(found, by_hand(network, image, aim, size, method, towards))  # type: ignore[arg-type]
        assert not torch.equal(found, image)


def test_every_change_is_an_image_within_the_size(digits: Mnist) -> None:
    network, images = varied("compact"), digits.test.images[:40]
    read = infer(network, images).argmax(1)
    for size in (1, 7, 60, 255):
        one, many = (perturb(network, images, read, size, method) for method in ("fgsm", "pgd"))
        for changed in (one, many):
            assert changed.dtype == torch.uint8
            assert int((changed.int() - images.int()).abs().max()) <= size
        fooled_by_one = infer(network, one).argmax(1) != read
        assert (infer(network, many).argmax(1) != read)[fooled_by_one].all(), "many steps begin with the one"


class TwoDigits(nn.Module):
    """Linear, and only a 3 and an 8 are ever said: the margin is `weight` times the pixels (0 to 1) plus `bias`."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.randn(784, generator=torch.Generator().manual_seed(3)) / 50
        self.bias = torch.tensor(0.0)

    def forward(self, x: Tensor) -> Tensor:
        margin = (x * STD + MEAN).flatten(1) @ self.weight + self.bias
        logits = torch.full((len(x), 10), -50.0)
        logits[:, 3], logits[:, 8] = margin / 2, -margin / 2
        return logits.log_softmax(1)


def needed(margin: float, weight: np.ndarray, image: np.ndarray) -> int:
    """The fewest grey levels that turn the margin's sign: each pixel goes as far as it may."""
    sign = np.sign(weight) * (-1 if margin > 0 else 1)
    room = np.where(sign > 0, 255 - image.astype(int), image.astype(int))
    for size in range(1, 256):
        if (np.abs(weight) * np.minimum(room, size) / 255).sum() > abs(margin):
            return size
    raise AssertionError("no size does")


@pytest.mark.parametrize("method", ["fgsm", "pgd"])
def test_the_smallest_change_of_a_linear_network_is_the_known_one(method: Method, digits: Mnist) -> None:
    network = TwoDigits()
    for image in digits.test.images[:8].numpy():
        weight, pixels = network.weight.numpy().astype(float), image.flatten()
        plain = float((weight * pixels / 255).sum())
        network.bias = torch.tensor(-plain + (0.35 if plain > 0 else -0.6))
        margin = plain + float(network.bias)
        found = smallest(network, image, method)
        assert found is not None
        assert found.size == largest_difference(image, found.image) == needed(margin, weight, pixels)
        assert found.digit == (8 if margin > 0 else 3)


@pytest.mark.parametrize("towards", [None, 3])
def test_one_grey_level_less_does_not_do_it(towards: int | None, digits: Mnist) -> None:
    network = varied("compact")
    for image in digits.test.images[:4].numpy():
        read = int(infer(network, image[None]).argmax())
        if read == towards:
            continue
        one, many = (smallest(network, image, method, towards) for method in ("fgsm", "pgd"))
        for change in (one, many):
            if change is None:
                continue
            assert int(infer(network, change.image[None]).argmax()) == change.digit != read
            assert change.digit == towards or towards is None
            assert largest_difference(image, change.image) == change.size
            weaker = scaled(image, change, change.size - 1)
            again = int(infer(network, weaker[None]).argmax())
            assert change is one or (again != towards if towards is not None else again == read)
        assert many is not None
        aims = [towards] if towards is not None else [other for other in range(10) if other != read]
        given = torch.tensor(image[None]).expand(len(aims), -1, -1)
        less = perturb(network, given, torch.tensor(aims), many.size - 1, "pgd", towards=True)
        assert (infer(network, less).argmax(1) != torch.tensor(aims)).all()
        assert one is None or many.size <= one.size


def test_norms_are_counted_by_hand() -> None:
    before = np.zeros((28, 28), np.uint8)
    after = before.copy()
    after[0, :4] = 255, 51, 0, 102
    assert largest_difference(before, after) == largest_difference(after, before) == 255
    assert distance(before, after) == pytest.approx((1 + 0.04 + 0.16) ** 0.5)


def test_what_it_is_read_as_already_is_refused(digits: Mnist) -> None:
    network, image = varied("mlp"), digits.test.images[0]
    read = int(infer(network, image[None]).argmax())
    with pytest.raises(RequestError, match=f"read as {with_article(read)} already"):
        smallest(network, image.numpy(), "pgd", read)
