"""A run's network, and running it over images. One way for all: `infer`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mnist_core.data.mnist import Split, normalise
from mnist_core.models import checkpoint, networks
from mnist_core.runs.run import Run, answering_epoch

BATCH = 1000


def load_network(run: Run, epoch: int | None = None) -> torch.nn.Module:
    """The run's network after `epoch` epochs (default: its last saved one), in evaluation mode (no dropout).

    Raises RequestError when there are no such weights, FailedError when they are damaged.
    """
    model = networks.build_for(run.record().config)
    checkpoint.load_weights(run.weights(answering_epoch(run) if epoch is None else epoch), model)
    return model.eval()


def infer(
    model: torch.nn.Module,
    images: np.ndarray | Tensor,
    batch_size: int = BATCH,
    on_progress: Callable[[float], None] | None = None,
) -> Tensor:
    """The model's outputs for `images`, uint8 (n, 28, 28), ink bright on black: log-probabilities float32 (n, 10).

    `model` is in evaluation mode (`load_network` sees to it). `on_progress` is called after each batch with the share
    done, 0 to 1. The last bits of a number depend on `batch_size`.
    """
    outputs = []
    with torch.inference_mode():
        for start in range(0, max(len(images), 1), batch_size):
            batch = images[start : start + batch_size]
            outputs.append(model(normalise(batch if isinstance(batch, Tensor) else torch.tensor(batch))))
            if on_progress is not None:
                on_progress(min((start + batch_size) / max(len(images), 1), 1.0))
        return torch.cat(outputs)


@contextmanager
def one_thread() -> Iterator[None]:
    """For a few digits, which gain nothing from a second thread, while a training may want the cores.

    That thread would wait for a core: the slowest in twenty answers took 40 ms with two threads and 4 ms with one (two
    busy cores, n = 200). And the last bits of an answer depend on the number of threads: so it is the same for all.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def probabilities(model: torch.nn.Module, images: np.ndarray) -> np.ndarray:
    """The ten probabilities for each of `images`, uint8 (n, 28, 28): float32 (n, 10).

    Without a temperature: what a person is told comes from `evaluation.prediction.predict`.
    """
    return infer(model, images).exp().numpy()


@dataclass(frozen=True)
class Evaluation:
    """A network's answers to a split: log-probabilities float32 (n, 10), on the CPU, and what follows from them."""

    log_probabilities: Tensor
    loss: float
    accuracy: float


def evaluate(model: torch.nn.Module, split: Split, batch_size: int) -> Evaluation:
    """The model's answers on a whole split, without dropout; uses no randomness."""
    log_probabilities = infer(model.eval(), split.images, batch_size)
    loss = F.nll_loss(log_probabilities, split.labels).item()
    accuracy = int((log_probabilities.argmax(1) == split.labels).sum()) / len(split.labels)
    return Evaluation(log_probabilities.cpu(), loss, accuracy)
