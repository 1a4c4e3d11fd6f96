"""Files of runs are read again exactly when they have changed."""

import os
import time
from pathlib import Path
from unittest.mock import Mock

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.runs import records, store
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.cache import FileCache


def age(run: Run) -> None:
    """Let the run's files be older than a tick of the clock."""
    for path in (run.path / "config.json", run.path / "status.json", run.path / "epochs"):
        os.utime(path, (time.time() - 60, time.time() - 60))


@pytest.fixture
def resting(home: Path) -> Run:
    run = store.create(TrainConfig(), "first")
    store.write_status(run, run.status().model_copy(update={"state": "stopped"}))
    age(run)
    return run


def test_an_unchanged_file_is_read_once(resting: Run) -> None:
    assert cache.status(resting) is cache.status(resting)
    assert cache.record(resting) is cache.record(resting)


def test_a_replaced_file_is_read_again_even_within_the_same_tick(resting: Run) -> None:
    assert cache.record(resting).name == "first"
    store.write_record(resting, resting.record().model_copy(update={"name": "second"}))
    assert cache.record(resting).name == "second"
    age(resting)
    assert cache.record(resting).name == "second"
    status = cache.status(resting)
    store.write_status(resting, status.model_copy(update={"state": "finished"}))
    age(resting)
    assert cache.status(resting).state == "finished"


def test_a_file_of_another_size_is_read_again_whatever_its_time(tmp_path: Path) -> None:
    file, kept = tmp_path / "file", FileCache(most=9)
    for content in ("one", "three"):
        file.write_text(content)
        os.utime(file, (1000, 1000))
        assert kept.read("text", file, file.read_text) == content


def test_only_the_most_recently_used_are_kept(tmp_path: Path) -> None:
    kept = FileCache(most=2)
    for name, reads in (("a", 1), ("b", 1), ("a", 0), ("c", 1), ("a", 0), ("b", 1)):  # c takes the place of b
        file, read = tmp_path / name, Mock()
        file.touch()
        os.utime(file, (1000, 1000))
        kept.read("name", file, read)
        assert read.call_count == reads, name


def test_a_file_that_may_still_change_unseen_is_not_kept(tmp_path: Path) -> None:
    kept, read = FileCache(most=2), Mock()
    (tmp_path / "new").touch()
    for name in ("new", "new", "missing", "missing"):
        kept.read("name", tmp_path / name, read)
    assert read.call_count == 4


def test_an_active_run_is_always_looked_at_afresh(resting: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = {"state": "queued", "pid": None, **records.heartbeat()}
    store.write_status(resting, resting.status().model_copy(update=waiting))
    age(resting)
    assert cache.status(resting).state == "queued"
    monkeypatch.setattr(records, "START_SECONDS", 0)  # its process never came
    assert cache.status(resting).state == "interrupted"


def test_a_new_epoch_is_seen(resting: Run) -> None:
    assert cache.saved_epochs(resting) == []
    resting.weights(0).write_bytes(b"")
    assert cache.saved_epochs(resting) == [0]


def test_columns_begin_anew_when_a_resume_cuts_the_file_back(resting: Run) -> None:
    def log(*losses: float) -> None:
        lines = [
            f'{{"step": {i}, "epoch": 0, "samples_seen": {i}, "train_loss": {loss}}}\n' for i, loss in enumerate(losses)
        ]
        partial = resting.path / "partial"
        partial.write_text("".join(lines))
        partial.replace(resting.path / "metrics.jsonl")

    log(3, 2, 1)
    rows, curves = cache.metrics(resting)
    assert curves["train_loss"][1].tolist() == [3, 2, 1]
    assert cache.metrics(resting)[1] is curves
    log(3, 2, 5, 4, 3)
    rows, curves = cache.metrics(resting)
    assert (len(rows), curves["train_loss"][1].tolist()) == (5, [3, 2, 5, 4, 3])
