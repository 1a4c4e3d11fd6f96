"""Which parts of a digit spoke for an answer, by Captum."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from mnist_core.data.mnist import normalise

if TYPE_CHECKING:
    import torch

Method = Literal["integrated_gradients", "occlusion"]
STEPS = 128  # on the way from paper to digit; the parts then sum to the whole within a few hundredths of a nat
PATCH = 4  # pixels a side that occlusion covers, about the width of a stroke


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

    `model` answers log-probabilities and is set to answer (`inference.load_network` does so).
    """
    import torch
    from captum.attr import IntegratedGradients, Occlusion

    def explained(x: "torch.Tensor") -> "torch.Tensor":
        answer = model(x)
        return answer[:, digit] if against is None else answer[:, digit] - answer[:, against]

    given = normalise(torch.tensor(image[None]))
    paper = normalise(torch.zeros_like(torch.tensor(image[None])))
    if method == "integrated_gradients":
        found = IntegratedGradients(explained).attribute(given, paper, n_steps=STEPS)
    else:
        with torch.inference_mode():
            patch = (1, PATCH, PATCH)
            found = Occlusion(explained).attribute(given, patch, (1, 1, 1), paper, perturbations_per_eval=64)
    return found[0, 0].detach().float().numpy()
