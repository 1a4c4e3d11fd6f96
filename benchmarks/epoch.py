"""An epoch of the tutorial's loop as published against ours: `python -m benchmarks.epoch [--rounds 5]`.

Both train the tutorial's network with the tutorial's settings, in turns, each in a process of its own, on the same
threads; ours is the command line as a user types it, with its logs, checkpoints and run directory. Tests are left out
of both.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from typing import Any

import torch

from mnist_core import data
from mnist_core.training import default_threads


def report_of(*command: str) -> Any:
    """The JSON document that a Python module prints."""
    return json.loads(subprocess.run([sys.executable, "-m", *command], capture_output=True, check=True).stdout)


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=1, help="epochs a round")
    arguments = parser.parse_args()
    epochs = str(arguments.epochs)
    published, mine, accuracies = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_HOME"] = folder
        data.prepare()
        for number in range(1, arguments.rounds + 1):
            theirs = report_of("benchmarks.tutorial_loop", epochs, folder)
            ours = report_of("mnist_core", "train", "--epochs", epochs, "--json")
            published.append(theirs["seconds"])
            mine.append(ours["train_seconds"] / arguments.epochs)
            accuracies.append((theirs["test_accuracy"], ours["test_accuracy"]))
            ratio = published[-1] / mine[-1]
            print(
                f"round {number}: published {published[-1]:.2f} s, ours {mine[-1]:.2f} s, ratio {ratio:.2f}", flush=True
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
