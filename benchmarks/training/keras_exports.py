"""Exports for Keras: the .keras file of every network against its run, and three epochs of the tutorial's script.

`python -m benchmarks.training.keras_exports [files] [training]`; the training takes minutes on PyTorch's backend.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.harness.results import Row, show, show_head
from benchmarks.harness.temporary_home import temporary_home
from benchmarks.training.exports import LONGEST, MLP, plain
from mnist_core.config.presets import PRESETS
from mnist_core.data import mnist
from mnist_core.export.keras import model_file
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.exported_programs import python

# Keras fetches MNIST from an address: here it lies in a file.
_WITH_DATA = """
import runpy, sys
sys.modules["mnist_core"] = None
import keras, numpy as np
data = np.load("mnist.npz")
keras.datasets.mnist.load_data = lambda: (
    (data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])
)
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def shipped() -> Run:
    found = store.shipped()
    assert found is not None
    return found


RUNS: dict[str, Callable[[], Run]] = {
    "cnn": lambda: plain(epochs=1),
    "mlp": lambda: plain(**MLP, epochs=1),
    "compact": lambda: plain(**PRESETS["fast"].values),
    "deep": shipped,
}


def files() -> Iterator[Row]:
    """The model of each network, over the 10,000 test digits."""
    for name, trained in RUNS.items():
        with temporary_home(), tempfile.TemporaryDirectory() as folder:
            run = trained()
            begin = time.perf_counter()
            written = model_file.write(run, f"{folder}/{name}.keras")
            seconds = time.perf_counter() - begin
            assert written.check is not None
            size = f"{written.paths[0].stat().st_size / 1e3:,.0f} kB; {written.check.sentence}"
            yield Row(f"{name}.keras, different answers", "", [written.check.different], "0", size)
            yield Row(f"{name}.keras, largest difference", "", [written.check.largest])
            yield Row(f"{name}.keras, export", "s", [seconds])


def training() -> Iterator[Row]:
    """Three epochs of the tutorial's settings, by its Keras script on PyTorch."""
    with temporary_home(), tempfile.TemporaryDirectory() as folder:
        run = plain(epochs=1)
        model_file.write(run, f"{folder}/tutorial.keras")
        script = Path(folder) / "tutorial.py"
        text = script.read_text().replace("EPOCHS = 1\n", "EPOCHS = 3\n")
        script.write_text(text)
        train, test = mnist.load_arrays("train"), mnist.load_arrays("test")
        parts = {"x_train": train.images, "y_train": train.labels, "x_test": test.images, "y_test": test.labels}
        np.savez(Path(folder) / "mnist.npz", **parts)  # type: ignore[arg-type]
        begin = time.perf_counter()
        done = python("-c", _WITH_DATA, str(script), folder=Path(folder), timeout=2 * LONGEST, KERAS_BACKEND="torch")
        assert done.returncode == 0, done.stderr[-3000:]
        (right,) = re.findall(r"(\d+) of 10000 test digits are read rightly", done.stdout)
        assert (Path(folder) / f"{run.id}.keras").exists()
        seconds = f"{time.perf_counter() - begin:.0f} s"
        yield Row("tutorial's Keras script, 3 epochs", "%", [int(right) / 100], "at least 96 %", seconds)


PARTS = {"files": files, "training": training}


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.training.keras_exports", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PARTS)}; both where none is named")
    show_head()
    for name in parser.parse_args().names or list(PARTS):
        for row in PARTS[name]():
            show(row)


if __name__ == "__main__":
    main()
