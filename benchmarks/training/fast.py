"""Time to 99 %: the `fast` preset beside the recipes of two other projects: `python -m benchmarks fast`.

All in one process, on the same threads. The preset and train_mnist_fast's recipe train in turns, then the PyTorch
example's network. The preset is timed from its first update to its last, with its logs and run folder. It normalises
the digits within that time; the others do so before their clock starts.
"""

from collections.abc import Iterator

import torch

from benchmarks.harness.results import Row
from benchmarks.harness.temporary_home import temporary_home
from benchmarks.training import peer_recipes
from mnist_core.config.presets import PRESETS
from mnist_core.data import mnist
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.runs import store
from mnist_core.training.device import default_threads

SEEDS = 10
PEERS_SEEDS = 3  # they take four times as long
Pairs = list[tuple[float, float]]  # seconds, test accuracy


def measure() -> Iterator[Row]:
    ours: Pairs = []
    peer: Pairs = []
    with temporary_home():
        digits = mnist.load()
        for seed in range(1, SEEDS + 1):
            torch.set_num_threads(default_threads())
            ours.append(train_fast(seed))
            if seed <= PEERS_SEEDS:
                peer.append(peer_recipes.train_mnist_fast(digits, seed))
        ratios = [mine / theirs for (mine, _), (theirs, _) in zip(ours, peer, strict=False)]
        yield from rows("fast", ours, "stretch: under 2 s", "mean at least 99.0 %")
        yield from rows("train_mnist_fast's recipe", peer)
        yield Row("fast over train_mnist_fast's recipe, time", "x", ratios, "at most 0.25")
        example = [peer_recipes.pytorch_example(digits, seed=1)]
        yield from rows("the PyTorch example's network, to the epoch that passes 99 %", example)


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
