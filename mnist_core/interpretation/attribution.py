"""Which parts of a digit spoke for an answer, by Captum."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from mnist_core.data.mnist import MEAN, STD
from mnist_core.errors import RequestError

if TYPE_CHECKING:
    import torch

Method = Literal["integrated_gradients", "occlusion", "deeplift", "shapley", "input_x_gradient", "saliency"]
STEPS, MOST_STEPS = 128, 1024  # on the way from paper to digit: doubled until the parts sum to the whole within...
CLOSE, NEAR = 0.009, 0.003  # ... this share of it, or so many nats
PATCH = 4  # pixels a side that occlusion covers and that Shapley values share, about the width of a stroke
ORDERS = 8  # in which Shapley sampling lays the 49 patches
# Those whose parts sum to what the digit changed, compared with blank paper.
COMPLETE: frozenset[Method] = frozenset({"integrated_gradients", "deeplift", "shapley"})


def attribution(
    model: "torch.nn.Module",
    image: np.ndarray,
    digit: int,
    method: Method = "integrated_gradients",
    against: int | None = None,
) -> np.ndarray:
    """How much each pixel of `image`, uint8 (28, 28), spoke for `digit`: float32 (28, 28), in nats, either sign.

    What is explained is log p(digit), or with `against` log p(digit) - log p(against): what made it this digit rather
    than that. The difference is also the better question to a network that is sure, whose log p(digit) hardly moves.

    - `integrated_gradients` (Sundararajan, Taly, Yan, 2017) follows the gradient from blank paper to the digit. It is
      the default because its parts sum to the whole: to what the digit changed, compared with blank paper. Paper stays
      paper on the way, so only ink has a share.
    - `occlusion` (Zeiler, Fergus, 2014) covers 4x4 pixels with paper, and counts how much is lost; a pixel has the mean
      of the patches that covered it. No gradient is needed, but the parts sum to nothing in particular.
    - `deeplift` (Shrikumar, Greenside, Kundaje, 2017) hands the difference to paper back layer by layer; its parts sum
      to the whole in one pass. It explains one digit against another only. A network that looks several times is
      explained by the mean of its looks' evidence (see `whole`), not by that of their mean probability.
    - `shapley` (Castro, Gomez, Tejada, 2009) lays the 4x4 patches one by one on blank paper, in `ORDERS` random orders,
      always the same, and counts what each adds; the parts sum to the whole exactly. A patch's share is spread over
      its pixels in proportion to their ink.
    - `input_x_gradient` (Shrikumar and others, 2016): the gradient at the digit, times the ink.
    - `saliency` (Simonyan, Vedaldi, Zisserman, 2013): the gradient at the digit with its sign, in nats for a pixel from
      paper to full ink. It says what a change would do, so blank paper has a share too.

    `model` answers log-probabilities and is set to answer (`inference.load_network` does so).
    Raises RequestError for `deeplift` without `against`.
    """
    import torch
    from captum import attr

    explained = _explained(model, digit, against, method)
    ink = torch.tensor(image[None, None] / 255, dtype=torch.float32)
    paper = torch.zeros_like(ink)
    patch = (1, PATCH, PATCH)
    if method == "integrated_gradients":
        found = _integrated_gradients(explained, ink, paper)
    elif method == "deeplift":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # Captum tells of the hooks that it sets and removes
            found = attr.DeepLift(_as_module(explained)).attribute(ink.requires_grad_(), paper)
    elif method == "input_x_gradient":
        found = attr.InputXGradient(explained).attribute(ink.requires_grad_())
    elif method == "saliency":
        found = attr.Saliency(explained).attribute(ink.requires_grad_(), abs=False)
    else:
        with torch.inference_mode():
            if method == "occlusion":
                found = attr.Occlusion(explained).attribute(ink, patch, (1, 1, 1), paper, perturbations_per_eval=64)
            else:
                found = _shapley(explained, ink, paper)
    return found[0, 0].detach().float().numpy()


def whole(model: "torch.nn.Module", image: np.ndarray, digit: int, method: Method, against: int | None) -> float:
    """What the parts of a method in `COMPLETE` sum to: what `image` changed, compared with blank paper, in nats.

    Asked of the network itself, without Captum. For `deeplift` the evidence is the difference of the logits, the mean
    over the looks of a network that looks several times; of the others' networks it is log p(digit) - log p(against).
    """
    import torch

    explained = _explained(model, digit, against, method)
    with torch.inference_mode():
        on_paper, on_digit = explained(torch.tensor(np.stack([0 * image, image])[:, None] / 255, dtype=torch.float32))
    return float(on_digit - on_paper)


def _explained(
    model: "torch.nn.Module", digit: int, against: int | None, method: Method
) -> "Callable[[torch.Tensor], torch.Tensor]":
    """What is explained, from ink (n, 1, 28, 28), 0 paper to 1 ink, to nats (n,)."""
    if method == "deeplift":
        from mnist_core.interpretation.as_modules import logits_as_modules

        if against is None:
            raise RequestError("DeepLIFT explains why it is one digit rather than another: name the other one too.")
        model = logits_as_modules(model)

    def explained(ink: "torch.Tensor") -> "torch.Tensor":
        answer = model((ink - MEAN) / STD)
        return answer[:, digit] if against is None else answer[:, digit] - answer[:, against]

    explained.model = model  # type: ignore[attr-defined]  # DeepLIFT wants to see its modules
    return explained


def _as_module(explained: "Callable[[torch.Tensor], torch.Tensor]") -> "torch.nn.Module":
    """The function as a module that has the network's as its own, as DeepLIFT wants it."""
    from torch import nn

    class Explained(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = explained.model  # type: ignore[attr-defined]

        def forward(self, ink: "torch.Tensor") -> "torch.Tensor":
            return explained(ink)

    return Explained()


def _integrated_gradients(
    explained: "Callable[[torch.Tensor], torch.Tensor]", ink: "torch.Tensor", paper: "torch.Tensor"
) -> "torch.Tensor":
    """With as many steps as this digit needs: what changes abruptly on the way needs more."""
    import torch
    from captum.attr import IntegratedGradients

    with torch.inference_mode():
        expected = explained(ink) - explained(paper)
    steps = STEPS
    while True:
        found: torch.Tensor = IntegratedGradients(explained).attribute(ink, paper, n_steps=steps)
        if steps >= MOST_STEPS or (found.sum() - expected).abs() <= max(CLOSE * float(expected.abs()), NEAR):
            return found
        steps *= 2


def _shapley(
    explained: "Callable[[torch.Tensor], torch.Tensor]", ink: "torch.Tensor", paper: "torch.Tensor"
) -> "torch.Tensor":
    """Shapley values of the patches with ink, each spread over its patch in proportion to the ink."""
    import torch
    from captum.attr import ShapleyValueSampling

    rows = torch.arange(28) // PATCH
    patches = rows[:, None] * (28 // PATCH) + rows
    amounts = torch.zeros(int(patches.max()) + 1).index_add_(0, patches.flatten(), ink.flatten())
    if not amounts.any():
        return torch.zeros_like(ink)
    inked = amounts > 0
    numbers = torch.where(inked, inked.cumsum(0) - 1, inked.sum())  # the blank ones are one together, which adds 0
    random = torch.Generator().manual_seed(0)
    sampling = ShapleyValueSampling(explained)
    sampling.permutation_generator = lambda count, samples: (
        torch.randperm(count, generator=random).tolist() for _ in range(samples)
    )
    found = sampling.attribute(
        ink, paper, feature_mask=numbers[patches][None, None], n_samples=ORDERS, perturbations_per_eval=64
    )
    return found * ink / amounts[patches].clamp(min=1e-12)
