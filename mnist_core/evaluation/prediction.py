"""What a run says to images: the one answer that commands and pages show."""

from typing import TYPE_CHECKING

import numpy as np

from mnist_core.evaluation import calibration
from mnist_core.runs.run import Run, answering_epoch

if TYPE_CHECKING:
    import torch


def predict(run: Run, epoch: int | None, images: np.ndarray, network: "torch.nn.Module | None" = None) -> np.ndarray:
    """The ten probabilities that `run` gives each of `images`, uint8 (n, 28, 28): float32 (n, 10).

    After `epoch` epochs (None: its last saved one), with the temperature that has been fitted for these weights, where
    one has. `network` is what `load_network` returns for them, where the caller keeps it.

    Raises RequestError when there are no such weights, FailedError when they are damaged.
    """
    from mnist_core.models.inference import infer, load_network, one_thread

    epoch = answering_epoch(run) if epoch is None else epoch
    network = network or load_network(run, epoch)
    with one_thread():
        log_probabilities = infer(network, images).numpy()
    fitted = calibration.fitted(run, epoch)
    if fitted is not None:
        log_probabilities = calibration.scale(log_probabilities, fitted.temperature)
    return np.exp(log_probabilities).astype(np.float32)
