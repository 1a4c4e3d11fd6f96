"""A growing metrics.jsonl as columns: each quantity against the training digits seen."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from mnist_core.runs.run import Run

_PLACES = ("step", "epoch", "samples_seen")


class Best(NamedTuple):
    """The epoch with the highest accuracy, the earliest of equals."""

    epoch: int
    samples: int
    split: str  # "validation" where there are validation digits, else "test": that is only a report


def quantities(row: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    """What a row of metrics.jsonl measures, by its name; of the numbers a layer: `layers/<layer>/<quantity>`."""
    for name, value in row.items():
        if name == "layers":
            for layer, numbers in value.items():
                for quantity, number in numbers.items():
                    yield f"layers/{layer}/{quantity}", number
        elif name not in _PLACES:
            yield name, value


class Curves:
    """The columns of metrics.jsonl. `extend` takes new rows, so that a long run is never gone through twice.

    A column is named as in the rows; of the numbers a layer: `layers/<layer>/<quantity>`.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self._samples: dict[str, array] = {}
        self._values: dict[str, array] = {}
        self.rows = 0  # taken so far
        self.extend(rows)

    def extend(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Append rows of metrics.jsonl."""
        for row in rows:
            self.rows += 1
            samples = row["samples_seen"]
            for name, value in quantities(row):
                self._append(name, samples, value)

    def _append(self, name: str, samples: int, value: float | None) -> None:
        if value is None:
            return
        if name not in self._values:
            self._samples[name], self._values[name] = array("q"), array("d")
        self._samples[name].append(samples)
        self._values[name].append(value)

    def __getitem__(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Digits seen, int64 (n,), and the values, float64 (n,); empty where nothing is logged under `name`."""
        if name not in self._values:
            return np.empty(0, dtype=np.int64), np.empty(0)
        return np.array(self._samples[name], dtype=np.int64), np.array(self._values[name])

    def last(self, name: str) -> float | None:
        """The newest value, or None."""
        return self._values[name][-1] if name in self._values else None

    def layers(self, quantity: str) -> list[str]:
        """The layers for which `quantity` is logged, in the order of the network."""
        parts = [name.split("/") for name in self._values if name.startswith("layers/")]
        return [layer for _, layer, its_quantity in parts if its_quantity == quantity]

    def best(self) -> Best | None:
        """The best epoch by the validation digits; where there are none, by the test digits; None before a test."""
        split = "validation" if "validation_accuracy" in self._values else "test"
        samples, accuracies = self[f"{split}_accuracy"]
        if not len(accuracies):
            return None
        place = int(accuracies.argmax())
        return Best(place, int(samples[place]), split)  # the first test is before the first step: epoch 0

    def gap(self, smoothing: float = 0.9) -> float | None:
        """Test loss minus the smoothed training loss at the last test; None before there are both."""
        tests, test_losses = self["test_loss"]
        samples, losses = self["train_loss"]
        until = int(np.searchsorted(samples, tests[-1], side="right")) if len(tests) else 0
        if not until:
            return None
        return float(test_losses[-1] - smooth(losses[:until], smoothing)[-1])


def smooth(values: np.ndarray, amount: float) -> np.ndarray:
    """The exponential moving average of (n,) values that keeps `amount` (0 to less than 1) of the past at each.

    Without a bias towards the zero it starts from: the weights of the values so far are divided by their sum, as in
    D. Kingma, J. Ba, "Adam", 2015, section 3.
    """
    if not amount or not len(values):
        return values
    from scipy.signal import lfilter  # in C: a million values in 10 ms

    return lfilter([1 - amount], [1, -amount], values) / -np.expm1(np.log(amount) * np.arange(1, len(values) + 1))


class MetricsReader:
    """Reads a growing metrics.jsonl from where it stopped; starts over when the file was cut back by a resume."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.rows: list[dict[str, Any]] = []
        self._offset = 0
        self._file: int | None = None  # its inode: a resume that cuts the file back replaces it

    def read(self) -> list[dict[str, Any]]:
        """All rows so far."""
        try:
            stat = (self.run.path / "metrics.jsonl").stat()
        except OSError:
            return self.rows
        if stat.st_ino != self._file or stat.st_size < self._offset:
            self.rows, self._offset, self._file = [], 0, stat.st_ino
        new, self._offset = self.run.metrics(self._offset)
        self.rows.extend(new)
        return self.rows
