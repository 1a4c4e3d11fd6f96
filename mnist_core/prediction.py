"""A run's network, ready to answer pictures."""

from typing import TYPE_CHECKING

import numpy as np

from mnist_core import checkpoint, models
from mnist_core.data import normalise
from mnist_core.evaluation import last_epoch
from mnist_core.runs import Run

if TYPE_CHECKING:
    import torch


def load_network(run: Run, epoch: int | None = None) -> "torch.nn.Module":
    """The run's network after `epoch` epochs (default: its last saved one), set to answer (no dropout).

    Raises RequestError when there are no such weights, FailedError when they are damaged.
    """
    model = models.build(run.record().config.model)
    checkpoint.load_weights(run.weights(last_epoch(run) if epoch is None else epoch), model)
    return model.eval()


def probabilities(model: "torch.nn.Module", images: np.ndarray) -> np.ndarray:
    """The ten probabilities for each of `images`, uint8 (n, 28, 28), ink bright on black: float32 (n, 10).

    `model` answers log-probabilities and is set to answer (`load_network` does so).
    """
    import torch

    with torch.inference_mode():
        return model(normalise(torch.tensor(images))).exp().numpy()
