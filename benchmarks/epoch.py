"""An epoch of the tutorial's loop as published against ours: `python -m benchmarks.epoch [--rounds 3]`.

Both train the tutorial's network with the tutorial's settings, in turns, in one run, on the same threads; ours is
timed as a user meets it, with its logs, checkpoints and run directory, through the worker. Tests are left out of both.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

import torch

from benchmarks import tutorial_loop
from mnist_core import data, runs
from mnist_core.config import TrainConfig
from mnist_core.training import default_threads
from mnist_core.worker import Worker


def ours(epochs: int) -> tuple[float, float]:
    """Seconds an epoch and the test accuracy of a run of `epochs` epochs."""
    run = runs.create(TrainConfig(epochs=epochs))
    status = Worker(run).work(at_once=True)
    return status.train_seconds / epochs, status.test_accuracy or 0.0


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=1, help="epochs a round")
    arguments = parser.parse_args()
    published, mine, accuracies = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_HOME"] = folder
        data.prepare()
        for number in range(1, arguments.rounds + 1):
            torch.set_num_threads(default_threads())
            seconds, their_accuracy = tutorial_loop.train(arguments.epochs, Path(folder))
            published.append(statistics.mean(seconds))
            time, accuracy = ours(arguments.epochs)
            mine.append(time)
            accuracies.append((their_accuracy, accuracy))
            print(
                f"round {number}: published {published[-1]:.2f} s, ours {time:.2f} s, ratio {published[-1] / time:.2f}"
            )
    ratios = [theirs / time for theirs, time in zip(published, mine, strict=True)]
    print(
        f"\ntorch {torch.__version__}, {default_threads()} threads, n = {len(mine)} rounds of {arguments.epochs} epochs"
    )
    print(f"{'':22}{'median s/epoch':>16}{'test accuracy':>16}")
    for name, times, column in (("tutorial as published", published, 0), ("ours", mine, 1)):
        accuracy = statistics.mean(pair[column] for pair in accuracies)
        print(f"{name:22}{statistics.median(times):>16.2f}{accuracy:>16.2%}")
    print(f"ratio {statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
