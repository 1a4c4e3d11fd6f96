"""Digits changed on purpose so that a network reads them as something else: by the gradient of its own answer.

The changed image is an image again: whole grey levels from 0 to 255 throughout, so that nothing is lost by rounding.
Whether it fools the network is asked of that very image. An attack finds an upper bound: where it finds no change,
another attack may.
"""

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from mnist_core.data.mnist import MEAN, STD
from mnist_core.errors import RequestError
from mnist_core.system.plain_text import with_article

if TYPE_CHECKING:
    import torch

Method = Literal["fgsm", "pgd"]
LARGEST = 255  # grey levels: any image can become any other
STEPS = 8  # of `pgd`; 20 find changes one or two grey levels smaller (20 digits, two networks), in twice the time
_LONGEST = 20  # grey levels of such a step: longer ones jump past what they aim at
_AT_ONCE = 16  # sizes that are asked together


class Change(NamedTuple):
    """An image that is read as something else."""

    image: np.ndarray  # uint8 (28, 28)
    size: int  # grey levels, of 255, by which the pixel differs that differs most (the L-infinity norm)
    digit: int  # what it is read as


class Search(NamedTuple):
    """How far a search for the smallest change has come."""

    holds: int  # at this size, in grey levels, no change was found; 0: the digit as it is
    found: Change | None  # the smallest so far

    @property
    def is_over(self) -> bool:
        """Whether there is nothing between the two; or nothing was found at any size."""
        return self.holds == (LARGEST if self.found is None else self.found.size - 1)


def perturb(
    model: "torch.nn.Module",
    images: "torch.Tensor",
    digits: "torch.Tensor",
    size: int,
    method: Method,
    towards: bool = False,
) -> "torch.Tensor":
    """Each of `images` changed by at most `size` grey levels a pixel, away from its digit or `towards` it.

    Images are uint8 (n, 28, 28), `digits` int64 (n,). What is followed is the sign of the gradient of the margin: by
    how much the log-probability of the best other digit is above this one's. (That of a sure answer's own probability
    is lost in rounding: N. Carlini, D. Wagner, 2017.)

    - `fgsm` takes one step of the whole size (I. Goodfellow, J. Shlens, C. Szegedy, 2015).
    - `pgd` takes up to 8 smaller ones, never leaving the size, until the answer flips (A. Madry et al., 2018). Away
      from a digit, the first is `fgsm`'s: it then fools whatever that fools.

    `model` answers log-probabilities and is set to answer.
    """
    import torch

    changed = images.clone()
    lowest, highest = (images.int() - size).clamp(0), (images.int() + size).clamp(max=LARGEST)
    left = torch.arange(len(images))
    smaller = min(max(1, round(2.5 * size / STEPS)), _LONGEST)
    first = smaller if method == "pgd" and towards else size
    for step in (first,) if method == "fgsm" else (first, *[smaller] * (STEPS - 1)):
        signs, said = _signs(model, changed[left], digits[left], towards)
        if method == "pgd":  # what is fooled stays as it is
            still = ~is_fooled(said, digits[left], towards)
            left, signs = left[still], signs[still]
            if not len(left):
                break
        moved = changed[left].int() + step * signs
        changed[left] = moved.clamp(lowest[left], highest[left]).to(torch.uint8)
    return changed


def smallest(model: "torch.nn.Module", image: np.ndarray, method: Method, towards: int | None = None) -> Change | None:
    """The smallest change of `image`, uint8 (28, 28), that is found to change the answer, or to make it `towards`.

    With one grey level less none is found. None where none is at any size: one step often leads nowhere.

    Raises RequestError where the image is read as `towards` already.
    """
    search = begin(model, image, towards)
    while method == "pgd" and not search.is_over:
        search = narrow(model, image, search, towards)
    return search.found


def begin(model: "torch.nn.Module", image: np.ndarray, towards: int | None = None) -> Search:
    """What one step does, tried at every size from 1 up. Raises as `smallest`."""
    from mnist_core.models.inference import one_thread

    with one_thread():
        return _begun(model, image, towards)


def _begun(model: "torch.nn.Module", image: np.ndarray, towards: int | None) -> Search:
    import torch

    from mnist_core.models.inference import infer

    given, (aims, is_towards) = torch.tensor(image[None]), _aims(model, image, towards, at_once=False)
    signs, _ = _signs(model, given, aims, is_towards)
    for first in range(1, LARGEST + 1, _AT_ONCE):
        sizes = torch.arange(first, min(first + _AT_ONCE, LARGEST + 1))
        tried = (given.int() + sizes[:, None, None] * signs).clamp(0, LARGEST).to(torch.uint8)
        said = infer(model, tried)
        if len(hits := is_fooled(said, aims.expand(len(sizes)), is_towards).nonzero()):
            return Search(0, _change(image, tried[hits[0, 0]].numpy(), int(said[hits[0, 0]].argmax())))
    return Search(0, None)


def narrow(model: "torch.nn.Module", image: np.ndarray, search: Search, towards: int | None = None) -> Search:
    """The search, one size further: many steps at half the way between what holds and what flips.

    Any other digit will do: the steps then go towards each of the nine, at once.
    """
    from mnist_core.models.inference import one_thread

    with one_thread():
        return _narrowed(model, image, search, towards)


def _narrowed(model: "torch.nn.Module", image: np.ndarray, search: Search, towards: int | None) -> Search:
    import torch

    from mnist_core.models.inference import infer

    holds, found = search
    size = min(max(holds * 4 // 3, 32), LARGEST) if found is None else (holds + found.size) // 2
    aims, is_towards = _aims(model, image, towards, at_once=True)
    tried = perturb(model, torch.tensor(image[None]).expand(len(aims), -1, -1), aims, size, "pgd", is_towards)
    said = infer(model, tried)
    flipped = [
        _change(image, one.numpy(), int(answer.argmax()))
        for one, answer, is_there in zip(tried, said, is_fooled(said, aims, is_towards), strict=True)
        if is_there
    ]
    if not flipped:
        search = Search(size, found)
    else:
        best = min(flipped, key=lambda change: change.size)
        search = Search(holds if holds < best.size else 0, best)
    return search if search.found is None or not search.is_over else _shrunk(model, image, search.found, towards)


def scaled(image: np.ndarray, change: Change, size: int) -> np.ndarray:
    """`image`, uint8 (28, 28), changed in the same way by another size: weaker, or stronger as far as ink goes."""
    difference = (change.image.astype(float) - image) * (size / change.size)
    return (image + difference).round().clip(0, LARGEST).astype(np.uint8)


def _shrunk(model: "torch.nn.Module", image: np.ndarray, change: Change, towards: int | None) -> Search:
    """The weakest of the change's own copies that does it still."""
    from mnist_core.models.inference import infer

    weaker = np.stack([scaled(image, change, size) for size in range(change.size)])
    said = infer(model, weaker).argmax(1).numpy()
    for one, digit in zip(weaker, said, strict=True):
        if digit == towards or (towards is None and digit != said[0]):  # the first is the image itself
            change = _change(image, one, int(digit))
            break
    return Search(change.size - 1, change)


def _change(before: np.ndarray, after: np.ndarray, digit: int) -> Change:
    return Change(after, largest_difference(before, after), digit)


def _aims(
    model: "torch.nn.Module", image: np.ndarray, towards: int | None, at_once: bool
) -> tuple["torch.Tensor", bool]:
    """The digits to go away from or towards, and whether towards; `at_once`: rather towards all others."""
    import torch

    digit = read_as(model, image)
    if digit == towards:
        raise RequestError(f"It is read as {with_article(digit)} already: choose another digit to make it.")
    if towards is not None:
        return torch.tensor([towards]), True
    if at_once:
        return torch.tensor([other for other in range(10) if other != digit]), True
    return torch.tensor([digit]), False


def read_as(model: "torch.nn.Module", image: np.ndarray) -> int:
    """The digit that the network takes `image`, uint8 (28, 28), for."""
    from mnist_core.models.inference import infer

    return int(infer(model, image[None]).argmax())


def is_fooled(said: "torch.Tensor", digits: "torch.Tensor", towards: bool = False) -> "torch.Tensor":
    """Whether each answer, log-probabilities (n, 10), is another than `digits` (n,), or with `towards` that one."""
    return (said.argmax(1) == digits) == towards


def largest_difference(before: np.ndarray, after: np.ndarray) -> int:
    """By how many grey levels, 0 to 255, the pixel differs that differs most: the L-infinity norm."""
    return int(np.abs(after.astype(int) - before).max())


def distance(before: np.ndarray, after: np.ndarray) -> float:
    """The root of the summed squares of the differences, full ink counted as 1: the L2 norm, 0 to 28."""
    return float(np.linalg.norm((after.astype(float) - before) / LARGEST))


def _signs(
    model: "torch.nn.Module", images: "torch.Tensor", digits: "torch.Tensor", towards: bool
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Which way each pixel is to go, int32 -1, 0 or 1 like `images`; and what the network says, (n, 10)."""
    import torch
    from captum.robust import FGSM

    said: list[torch.Tensor] = []

    def answer(x: "torch.Tensor") -> "torch.Tensor":
        said.append(model(((x - 255 * MEAN) / (255 * STD)).unsqueeze(1)))
        return said[0]

    given = images.float().requires_grad_()
    one_step = FGSM(answer, _margin)
    one_step.zero_thresh = 0  # of a gradient; a sure network has small ones
    moved = one_step.perturb(given, 1.0, digits, targeted=towards)
    return (moved - given).detach().int(), said[0].detach()


def _margin(said: "torch.Tensor", digits: "torch.Tensor") -> "torch.Tensor":
    """By how much the log-probability of the best other digit is above that of `digits`: (n,)."""
    own = said.gather(1, digits[:, None])
    others = said.scatter(1, digits[:, None], float("-inf"))
    return others.max(1).values - own[:, 0]
