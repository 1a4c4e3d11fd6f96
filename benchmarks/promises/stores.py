"""Stores to attack: runs of all networks, a fine-tuned one, drawings, and something in the trash."""

import shutil
from pathlib import Path

from benchmarks.promises.forked import few_test_digits, fork
from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TrainConfig
from mnist_core.data import download

SMALL = {"digits_per_class": 20, "batch_size": 32, "log_interval": 3, "threads": 1}


def prepared_data(folder: Path) -> Path:
    """A home whose data set is unpacked."""

    def act() -> None:
        download.prepare()

    fork(act, folder)
    return folder / "data"


def train(home: Path, name: str = "", few: bool = False, **settings: object) -> str:
    """Train a run of a second in a fork; its id."""

    def act() -> str:
        from mnist_core.jobs.trainer.worker import Worker
        from mnist_core.runs import store

        if few:
            few_test_digits()
        run = store.create(TrainConfig.parse({**SMALL, **settings}), name)
        Worker(run).work(at_once=True)
        return run.id

    outcome = fork(act, home, 120)
    assert isinstance(outcome.value, str), outcome.err
    return outcome.value


def draw(home: Path, count: int, seed: int = 3) -> None:
    """Keep drawings: digits of the synthetic collection."""

    def act() -> None:
        from mnist_core.drawing import collection, synthetic

        for index in range(count):
            image, label = synthetic.image(seed, index)
            collection.add(label, image, image)

    assert not fork(act, home).failed


def fine_tune(home: Path, parent: str, few: bool = False) -> str:
    """A fine-tuned run; its id."""

    def act() -> str:
        from mnist_core.jobs import finetuning
        from mnist_core.jobs.trainer.worker import Worker
        from mnist_core.runs import store

        finetuning.PER_CLASS = 20
        if few:
            few_test_digits()
        run = finetuning.create(store.find(parent))
        Worker(run).work(at_once=True)
        return run.id

    outcome = fork(act, home, 120)
    assert isinstance(outcome.value, str), outcome.err
    return outcome.value


def full_store(home: Path, few: bool = False) -> dict[str, str]:
    """One of everything in `home`: the runs' ids by what they are."""
    prepared_data(home)
    rates = {"mlp": 0.1}
    ids: dict[str, str] = {
        model: train(home, f"A {model}", few, model=model, epochs=2, learning_rate=rates.get(model, 0.01))
        for model in NETWORKS
    }
    draw(home, 12)
    ids["fine-tuned"] = fine_tune(home, ids["mlp"], few)
    ids["deleted"] = train(home, "Deleted", few, model="mlp", epochs=1)

    def delete() -> None:
        from mnist_core.drawing import collection
        from mnist_core.runs import store

        store.delete(store.find(ids["deleted"]))
        collection.delete(collection.every()[0].id)

    assert not fork(delete, home).failed
    return ids


def copy(store: Path, to: Path, data: bool = False) -> Path:
    """A copy of a store; its data is a link unless `data` is to be copied too."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    for part in store.iterdir():
        if part.name == "data" and not data:
            (to / "data").symlink_to(part)
        elif part.is_dir():
            shutil.copytree(part, to / part.name, symlinks=True)
        else:
            shutil.copy2(part, to)
    return to
