"""ONNX files of all networks over the 10,000 test digits: `python -m benchmarks.export.onnx [--threads N]`.

The run of each network is trained for a second; the time of an answer depends on its weights little, and how ONNX
Runtime and PyTorch compare is measured in turns, in one process, with the same number of threads.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.harness.results import Results, Row, show, show_head
from benchmarks.harness.temporary_home import temporary_home
from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TrainConfig

BATCHES = (1, 7, 1000)
DIGITS = 10_000
ROUNDS = 9
TRAINED = {"digits_per_class": 100, "batch_size": 64, "epochs": 2, "validation_size": 1000, "optimizer": "adamw"}


def measure(threads: int = 1) -> Iterator[Row]:
    """For each network: differences, size, and times in turns."""
    import torch

    from mnist_core.jobs.trainer.worker import Worker
    from mnist_core.runs import store

    with temporary_home():
        for name in (*NETWORKS, "shipped"):
            if name == "shipped":
                run = store.find("shipped")
            else:
                config = TrainConfig.parse({**TRAINED, "model": name, "learning_rate": 0.002, "threads": threads})
                run = store.create(config)
                Worker(run).work(at_once=True)
            torch.set_num_threads(threads)
            yield from _rows(name, run, threads)


def _rows(name: str, run: "object", threads: int) -> Iterator[Row]:
    import torch

    from mnist_core.data import mnist
    from mnist_core.evaluation import calibration
    from mnist_core.evaluation.prediction import predict
    from mnist_core.export import onnx
    from mnist_core.models.inference import infer, load_network
    from mnist_core.runs.run import Run, answering_epoch

    assert isinstance(run, Run)
    epoch = answering_epoch(run)
    begun = time.perf_counter()
    content = onnx.convert(run, epoch).SerializeToString()
    yield Row(f"{name}: to ONNX", "s", [time.perf_counter() - begun])
    yield Row(f"{name}: size", "kB", [len(content) / 1000])
    digits = mnist.load_arrays("test").images
    ours = predict(run, epoch, digits)
    for batch in BATCHES:
        n = DIGITS if batch > 1 or name not in ("deep", "shipped") else 2000
        theirs = onnx.ask(content, digits[:n], batch)
        different = int((theirs.argmax(1) != ours[:n].argmax(1)).sum())
        largest = float(np.abs(theirs - ours[:n]).max())
        yield Row(f"{name}, {batch} at once: different answers", "", [float(different)], "0", f"of {n:,}")
        yield Row(f"{name}, {batch} at once: largest difference", "", [largest], "", f"of {n:,} digits")
    session, network = onnx.session(content, threads), load_network(run, epoch)
    assert torch.get_num_threads() == threads
    fit = calibration.fitted(run, epoch)
    for batch in (1, 1000):
        images = digits[:batch]

        def by_onnx(images: np.ndarray = images) -> object:
            return session.run([onnx.OUTPUT], {onnx.INPUT: images})

        def by_torch(images: np.ndarray = images) -> object:
            found = infer(network, images).numpy()
            return found if fit is None else calibration.scale(found, fit.temperature)

        each: dict[str, Callable[[], object]] = {"ONNX Runtime": by_onnx, "PyTorch": by_torch}
        times = _in_turns(each, 200 if batch == 1 else 1)
        for which, seconds in times.items():
            per_digit = [1000 * value / batch for value in seconds]
            yield Row(f"{name}, {batch} at once: {which}", "ms", per_digit, "", "a digit")
        ratios = [a / b for a, b in zip(*times.values(), strict=True)]
        yield Row(f"{name}, {batch} at once: ONNX Runtime over PyTorch", "x", ratios)


def _in_turns(each: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Seconds of a call, the median of `repeats`, in each of `ROUNDS`."""
    found: dict[str, list[float]] = {name: [] for name in each}
    for _ in range(ROUNDS):
        for name, call in each.items():
            call()
            times = []
            for _ in range(repeats):
                begun = time.perf_counter()
                call()
                times.append(time.perf_counter() - begun)
            found[name].append(statistics.median(times))
    return found


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.export.onnx", description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, default=Path("onnx.json"), help="where the file goes")
    given = parser.parse_args()
    results = Results(given.json)
    show_head()
    for row in measure(given.threads):
        results.add("onnx", row)
        show(row)


if __name__ == "__main__":
    main()
