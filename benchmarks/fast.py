"""Time to 99 %: the `fast` preset against peers' recipes: `python -m benchmarks.fast [--seeds 10] [--peers 3]`.

In turns, in one run, on the same threads. Ours is timed through the worker, from the first step to the last, with its
logs and run directory; its own normalisation is in the steps, the peers' before them.
"""

import argparse
import os
import statistics
import tempfile

import torch

from benchmarks import recipes
from mnist_core import data, runs
from mnist_core.presets import PRESETS
from mnist_core.training import default_threads
from mnist_core.worker import Worker


def ours(seed: int) -> tuple[float, float]:
    """Seconds and test accuracy of the `fast` preset."""
    status = Worker(runs.create(PRESETS["fast"].config.replace(seed=seed))).work(at_once=True)
    return status.train_seconds, status.test_accuracy or 0.0


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="of ours")
    parser.add_argument("--peers", type=int, default=3, help="seeds of each peer")
    arguments = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {"fast": [], "train_mnist_fast": [], "PyTorch example": []}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_HOME"] = folder
        digits = data.load()
        for seed in range(1, arguments.seeds + 1):
            torch.set_num_threads(default_threads())
            found["fast"].append(ours(seed))
            if seed <= arguments.peers:
                found["train_mnist_fast"].append(recipes.train_mnist_fast(digits, seed))
            if seed == 1:
                found["PyTorch example"].append(recipes.pytorch_example(digits, seed))
            print(f"seed {seed}: " + ", ".join(f"{k} {v[-1][0]:.2f} s {v[-1][1]:.2%}" for k, v in found.items() if v))
    print(f"\ntorch {torch.__version__}, {default_threads()} threads")
    print(f"{'':20}{'n':>4}{'median s':>10}{'mean test accuracy':>20}{'lowest':>9}{'highest':>9}")
    for name, pairs in found.items():
        accuracies = [accuracy for _, accuracy in pairs]
        seconds = statistics.median(time for time, _ in pairs)
        print(
            f"{name:20}{len(pairs):>4}{seconds:>10.2f}{statistics.mean(accuracies):>20.3%}"
            f"{min(accuracies):>9.2%}{max(accuracies):>9.2%}"
        )


if __name__ == "__main__":
    main()
