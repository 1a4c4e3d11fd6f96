"""An epoch of the tutorial's loop as published against ours, and what share of the machine's limit ours reaches.

`python -m benchmarks epoch`. Both train the tutorial's network with the tutorial's settings, in turns, each in
a process of its own, on the same threads; ours is the command line as a user types it, with its logs, checkpoints and
run directory. Tests are left out of both.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.harness.results import Row
from benchmarks.harness.temporary_home import temporary_home
from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TRAIN_SIZE, TrainConfig
from mnist_core.models import networks
from mnist_core.training.device import default_threads
from mnist_core.training.kernels.convolutions import Convolutions

ROUNDS = 5
LIBGOMPS_OWN = "300000"  # spins of a waiting thread; ours are fewer (mnist_core/__init__.py)


def measure() -> Iterator[Row]:
    published, mine, plain, accuracies = [], [], [], []
    with temporary_home(), tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            theirs = report_of("benchmarks.training.tutorial_loop", "1", folder, GOMP_SPINCOUNT=LIBGOMPS_OWN)
            ours = report_of("mnist_core", "train", "--epochs", "1", "--json")
            pytorchs = report_of("mnist_core", "train", "--epochs", "1", "--kernels", "pytorch", "--json")
            plain.append(pytorchs["train_seconds"])
            published.append(theirs["seconds"])
            mine.append(ours["train_seconds"])
            accuracies.append((theirs["test_accuracy"], ours["test_accuracy"]))
    accuracy = " and ".join(f"{100 * sum(column) / ROUNDS:.2f} %" for column in zip(*accuracies, strict=True))
    yield Row("epoch, the tutorial's loop as published", "s", published, note=f"test accuracies after it: {accuracy}")
    yield Row("epoch, ours", "s", mine, note="--kernels auto: compiled convolutions")
    yield Row("epoch, ours without them", "s", plain, note="--kernels pytorch")
    ratios = [theirs / time for theirs, time in zip(published, mine, strict=True)]
    yield Row("epoch, published over ours", "x", ratios, "at least 3.5, stretch 5")
    by_pytorch, by_us = convolutions()
    yield Row("convolutions of an update, PyTorch's", "ms", by_pytorch, note="forward and backward, pooling and ReLU")
    yield Row("convolutions of an update, ours", "ms", by_us)
    throughput = matrix_product_throughput()
    limit = NETWORKS["cnn"].flops * TRAIN_SIZE / max(throughput)
    yield Row("matrix products, fp32 (2,048 a side)", "GFLOP/s", [rate / 1e9 for rate in throughput])
    yield Row("epoch, ours: share of that throughput", "%", [100 * limit / time for time in mine])


def report_of(*command: str, **environment: str) -> Any:
    """The JSON document that a Python module prints, run with `environment` beside this process's own."""
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, check=True, env={**os.environ, **environment}
    )
    return json.loads(done.stdout)


def convolutions(times: int = 300) -> tuple[list[float], list[float]]:
    """Milliseconds for the two convolutions of a batch of 64, forward and backward, by PyTorch and by us, in turns."""
    torch.set_num_threads(TrainConfig().threads or default_threads())
    ours = Convolutions(torch.get_num_threads())
    parameters = list(networks.build("cnn").parameters())[:4]
    images, d_features = torch.randn(64, 1, 28, 28), torch.randn(64, 320)

    def pytorchs() -> None:
        w1, b1, w2, b2 = parameters
        h1 = F.relu_(F.max_pool2d(F.conv2d(images, w1, b1), 2))
        torch.autograd.grad(F.relu_(F.max_pool2d(F.conv2d(h1, w2, b2), 2)).flatten(1), parameters, d_features)

    @torch.no_grad()
    def mine() -> None:
        ours.forward(images, *parameters)
        ours.backward(d_features)

    seconds: tuple[list[float], list[float]] = [], []
    for _ in range(times):
        for column, compute in zip(seconds, (pytorchs, mine), strict=True):
            start = time.perf_counter()
            compute()
            column.append(1000 * (time.perf_counter() - start))
    return seconds[0][10:], seconds[1][10:]


def matrix_product_throughput(side: int = 2048, times: int = 10) -> list[float]:
    """Floating-point operations a second of `times` products of square matrices, on as many threads as a training."""
    torch.set_num_threads(TrainConfig().threads or default_threads())
    left, right = torch.rand(side, side), torch.rand(side, side)
    left @ right
    rates = []
    for _ in range(times):
        start = time.perf_counter()
        left @ right
        rates.append(2 * side**3 / (time.perf_counter() - start))
    return rates
