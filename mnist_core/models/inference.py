"""A run's network, ready to answer pictures."""

from typing import TYPE_CHECKING

import numpy as np

from mnist_core.data.mnist import normalise
from mnist_core.models import checkpoint, networks
from mnist_core.runs.run import Run, last_epoch

if TYPE_CHECKING:
    import torch
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mnist_core.data.mnist import Split


def load_network(run: Run, epoch: int | None = None) -> "torch.nn.Module":
    """The run's network after `epoch` epochs (default: its last saved one), set to answer (no dropout).

    Raises RequestError when there are no such weights, FailedError when they are damaged.
    """
    model = networks.build(run.record().config.model)
    checkpoint.load_weights(run.weights(last_epoch(run) if epoch is None else epoch), model)
    return model.eval()


def probabilities(model: "torch.nn.Module", images: np.ndarray) -> np.ndarray:
    """The ten probabilities for each of `images`, uint8 (n, 28, 28), ink bright on black: float32 (n, 10).

    `model` answers log-probabilities and is set to answer (`load_network` does so).
    """
    import torch

    with torch.inference_mode():
        return model(normalise(torch.tensor(images))).exp().numpy()


@dataclass(frozen=True)
class Evaluation:
    """A network's answers to a split: log-probabilities float32 (n, 10), on the CPU, and what follows from them."""

    log_probabilities: Tensor
    loss: float
    accuracy: float


def evaluate(model: torch.nn.Module, split: Split, batch_size: int) -> Evaluation:
    """The model's answers on a whole split, without dropout; uses no randomness."""
    model.eval()
    with torch.inference_mode():
        outputs = [model(normalise(images)) for images in split.images.split(batch_size)]
        log_probabilities = torch.cat(outputs)
        loss = F.nll_loss(log_probabilities, split.labels).item()
        accuracy = int((log_probabilities.argmax(1) == split.labels).sum()) / len(split.labels)
    return Evaluation(log_probabilities.cpu(), loss, accuracy)
