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
    import torch

    from mnist_core.models.inference import infer, load_network

    epoch = answering_epoch(run) if epoch is None else epoch
    network = network or load_network(run, epoch)
    # A few digits gain nothing from a second thread, and while a run trains that thread waits for a core: the slowest
    # in twenty answers took 40 ms with two threads and 4 ms with one (two busy cores, n = 200). And the last bits of
    # an answer depend on the number of threads: this one is the same for whoever asks.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        log_probabilities = infer(network, images).numpy()
    finally:
        torch.set_num_threads(threads)
    fitted = calibration.fitted(run, epoch)
    if fitted is not None:
        log_probabilities = calibration.scale(log_probabilities, fitted.temperature)
    return np.exp(log_probabilities).astype(np.float32)
