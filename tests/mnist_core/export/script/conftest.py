"""Small runs on real digits, of every kind that a written program must repeat."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.drawing import collection, synthetic
from mnist_core.jobs import finetuning, launcher, steering
from mnist_core.jobs.trainer import status_reporter, worker
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support import tiny_runs

CONFIG = TrainConfig(
    model="mlp", epochs=2, digits_per_class=20, batch_size=32, threads=1, learning_rate=0.05, kernels="pytorch"
)  # 200 digits: 7 updates an epoch
KINDS: dict[str, dict[str, Any]] = {
    "plain": {"model": "cnn", "epochs": 1},
    "changed in flight": {"momentum": 0.0, "schedule": "cosine"},
    "resumed with more epochs": {
        **{"model": "compact", "optimizer": "adamw", "beta2": 0.99, "schedule": "one_cycle", "epochs": 1},
        **{"weight_decay": 0.01, "label_smoothing": 0.1, "weight_averaging": 0.9},
        **{"augmentation": "elastic", "augmentation_strength": 0.7},
    },
    "judged": {
        **{"epochs": 15, "validation_size": 1000, "patience": 1, "answer_with": "best"},
        **{"learning_rate": 0.3, "synthetic_digits": 20},
    },
    "short numbers": {"model": "cnn", "epochs": 1, "precision": "bfloat16", "dropout": 0.0, "optimizer": "adam"},
    "narrow": {"model": "deep", "width": 0.24, "epochs": 1},
    "fine-tuned": {},
    "threads given up": {"threads": 0, "augmentation": "affine"},
}


@pytest.fixture
def fewer(prepared_data: Path, few_tested: int, tmp_path: Path) -> Path:
    """A `data` folder for programs, with as few test digits: no weights depend on them."""
    raw = tmp_path / "fewer" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for file in (prepared_data / "MNIST" / "raw").glob("*-ubyte"):
        if file.name.startswith("train"):
            (raw / file.name).symlink_to(file)
            continue
        content = file.read_bytes()
        dimensions = content[3]
        head, size = 4 + 4 * dimensions, 784 if dimensions == 3 else 1
        count = few_tested.to_bytes(4, "big")
        (raw / file.name).write_bytes(content[:4] + count + content[8 : head + few_tested * size])
    return tmp_path / "fewer"


@pytest.fixture
def trained_as(home: object, few_tested: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Run]:
    """Trains a run of one of the `KINDS` in this process."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 0)
    monkeypatch.setattr(status_reporter, "HEARTBEAT_SECONDS", -1)

    def train(kind: str) -> Run:
        if kind == "fine-tuned":
            return fine_tuned(monkeypatch)
        run = store.create(CONFIG.replace(**KINDS[kind]), 'A "name" with \\ and """')
        acts: dict[int, Callable[[], object]] = {}
        if kind == "changed in flight":
            acts = {
                2: lambda: steering.set_rates(run, learning_rate=0.02),
                7: lambda: steering.set_rates(run, momentum=0.9),
                11: lambda: steering.set_rates(run, learning_rate=0.1, momentum=0.2),
            }
        if kind == "resumed with more epochs":
            acts = {3: lambda: launcher.stop(run)}
        if kind == "threads given up":
            tiny_runs.threads_are_given_up(monkeypatch)
        tiny_runs.train(run, None, acts)
        if kind == "resumed with more epochs":
            tiny_runs.train(run)
            tiny_runs.train(run, 2)
        return run

    return train


def fine_tuned(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that goes on from another one, on six drawings."""
    monkeypatch.setattr(finetuning, "PER_CLASS", 20)
    parent = store.create(CONFIG.replace(epochs=1))
    tiny_runs.train(parent)
    for index in range(6):
        image, label = synthetic.image(7, index)
        collection.add(label, image, image)
    run = finetuning.create(parent)
    tiny_runs.train(run)
    return run
