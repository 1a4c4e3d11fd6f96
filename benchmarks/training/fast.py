"""Time to 99 %: the `fast` preset against peers' recipes: `python -m benchmarks.training.fast`.

In turns, in one run, on the same threads. Ours is timed through the worker, from the first step to the last, with its
logs and run directory; its own normalisation is in the steps, the peers' before them.
"""

import torch

from benchmarks.harness.results import Row, show
from benchmarks.harness.temporary_home import temporary_home
from benchmarks.training import peer_recipes
from mnist_core.config.presets import PRESETS
from mnist_core.data import mnist
from mnist_core.jobs.worker import Worker
from mnist_core.runs import store
from mnist_core.training.device import default_threads

SEEDS = 10
PEERS_SEEDS = 3  # they take four times as long
Pairs = list[tuple[float, float]]  # seconds, test accuracy


def measure() -> list[Row]:
    ours: Pairs = []
    peer: Pairs = []
    with temporary_home():
        digits = mnist.load()
        for seed in range(1, SEEDS + 1):
            torch.set_num_threads(default_threads())
            ours.append(train_fast(seed))
            if seed <= PEERS_SEEDS:
                peer.append(peer_recipes.train_mnist_fast(digits, seed))
        example = [peer_recipes.pytorch_example(digits, seed=1)]
    ratios = [mine / theirs for (mine, _), (theirs, _) in zip(ours, peer, strict=False)]
    return [
        *rows("fast", ours, "stretch: under 2 s", "mean at least 99.0 %"),
        *rows("train_mnist_fast's recipe", peer),
        Row("fast over train_mnist_fast's recipe, time", "x", ratios, "at most 0.25"),
        *rows("the PyTorch example's network, to the epoch that passes 99 %", example),
    ]


def rows(name: str, pairs: Pairs, time_goal: str = "", accuracy_goal: str = "") -> list[Row]:
    accuracies = [100 * accuracy for _, accuracy in pairs]
    mean = f"mean {sum(accuracies) / len(accuracies):.3f} % (10,000 test digits each)"
    return [
        Row(f"{name}: time", "s", [seconds for seconds, _ in pairs], time_goal),
        Row(f"{name}: test accuracy", "%", accuracies, accuracy_goal, mean),
    ]


def train_fast(seed: int) -> tuple[float, float]:
    """Seconds and test accuracy of the `fast` preset."""
    status = Worker(store.create(PRESETS["fast"].config.replace(seed=seed))).work(at_once=True)
    return status.train_seconds, status.test_accuracy or 0.0


if __name__ == "__main__":
    show(measure())
