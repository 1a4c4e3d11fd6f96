"""A trainer that is killed, signalled, short of disk or given damaged files loses nothing."""

import errno
import os
import shutil
import signal
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mnist_core.data import mnist
from mnist_core.errors import DataError, FailedError
from mnist_core.evaluation.diagnosis import diagnose
from mnist_core.jobs.trainer.run_log import RunLog
from mnist_core.models.checkpoint import state_bytes
from mnist_core.runs import commands, store
from mnist_core.runs.run import Run
from mnist_core.system.files import read_json, write_atomically
from tests.support.kills import killed_at_every_write
from tests.support.tiny_runs import CONFIG, outcome, train

pytestmark = pytest.mark.usefixtures("tiny")


@pytest.mark.parametrize("trained_before", [0, 1])
def test_killed_after_any_write_resumes_to_the_same_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uninterrupted: dict[str, Any], trained_before: int
) -> None:
    run = store.create(CONFIG.replace(epochs=trained_before or 2))
    if trained_before:
        train(run)
    copies = killed_at_every_write(run, 2, tmp_path / "killed", monkeypatch)
    assert outcome(run) == uninterrupted
    assert len(copies) > 10
    for copy in copies:
        if copy.status().state == "finished" and copy.status().epoch == 2:
            assert outcome(copy) == uninterrupted, copy
            continue
        with (copy.path / "metrics.jsonl").open("ab") as metrics:
            metrics.write(b'{"step": 9')  # and it was killed in the middle of a line
        train(copy, 2)
        assert outcome(copy) == uninterrupted, copy


def test_diverged_run_is_failed_with_its_curve_kept() -> None:
    run = store.create(CONFIG.replace(model="mlp", learning_rate=10.0, log_interval=1, batch_size=2))
    with pytest.raises(FailedError, match=r"diverged.*smaller learning rate, for example 0\.05 instead of 10\.$"):
        train(run)
    status = run.status()
    assert status.state == "failed"
    assert status.failure == "diverged"
    rows, _ = run.metrics()
    assert 1 < status.step < 100  # found at once, not at the test after the epoch's 100 steps
    assert sorted(row["step"] for row in rows) == list(range(status.step))  # all but the step whose loss is no number
    assert all(row["train_loss"] < float("inf") for row in rows if "train_loss" in row)
    with pytest.raises(FailedError, match="diverged"):
        train(run)
    assert run.metrics()[0] == rows


@pytest.mark.parametrize("writes", [0, 1, 5, 9])
def test_full_disk_fails_with_a_sentence_and_what_was_saved_goes_on(
    monkeypatch: pytest.MonkeyPatch, uninterrupted: dict[str, Any], writes: int
) -> None:
    run = store.create(CONFIG)
    left = iter(range(writes))
    replace = Path.replace

    def replace_while_there_is_room(path: Path, target: Path) -> Path:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_while_there_is_room)
        with pytest.raises(FailedError, match=r"No space left on device"):
            train(run)
    assert not list(run.path.glob(".*.*"))  # no temporary file is left
    train(run)
    assert outcome(run) == uninterrupted


def test_failing_curve_file_fails_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(CONFIG)

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(RunLog, "_append", refuse)
    with pytest.raises(FailedError, match="Cannot write"):
        train(run)
    assert (run.status().state, run.status().failure) == ("failed", "disk")
    assert "Cannot write" in str(run.status().error)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_interrupts_at_the_next_step_and_can_be_resumed(
    uninterrupted: dict[str, Any], number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    run = store.create(CONFIG)
    status = train(run, at_step={4: lambda: signal.raise_signal(number)})
    assert (status.state, status.step) == ("interrupted", 4)
    assert signal.getsignal(number) is before
    train(run)
    assert outcome(run) == uninterrupted


def test_second_signal_ends_at_once_and_can_be_resumed(uninterrupted: dict[str, Any]) -> None:
    run = store.create(CONFIG)

    def twice() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(run, at_step={9: twice})
    assert run.status().state == "interrupted"
    assert not run.is_held()
    train(run)
    assert outcome(run) == uninterrupted


def keep(run: Run) -> dict[str, bytes]:
    """What a refused resume must not lose."""
    return {
        str(path.relative_to(run.path)): path.read_bytes()
        for path in run.path.rglob("*")
        if path.is_file() and path.name not in ("status.json", ".lock")
    }


@pytest.mark.parametrize("damage", ["truncated", "empty", "another network's", "no state of ours"])
@pytest.mark.parametrize("end", ["stopped", "finished"])
def test_damaged_checkpoint_is_refused_and_nothing_is_lost(end: str, damage: str) -> None:
    run = store.create(CONFIG)
    train(run, at_step={9: lambda: commands.ask(run, "stop")} if end == "stopped" else None)
    before = run.status()
    if damage == "truncated":
        run.checkpoint.write_bytes(run.checkpoint.read_bytes()[:-1000])
    elif damage == "empty":
        run.checkpoint.write_bytes(b"")
    elif damage == "no state of ours":
        write_atomically(run.checkpoint, state_bytes({"training": 5}))
    else:
        other = store.create(CONFIG.replace(model="mlp", epochs=1))
        train(other)
        shutil.copyfile(other.checkpoint, run.checkpoint)
    kept = keep(run)
    with pytest.raises(FailedError, match=r"checkpoint\.pt is (damaged|of another network)") as failed:
        train(run, epochs=3)
    assert keep(run) == kept
    after = run.status()
    assert after.state == ("finished" if end == "finished" else "failed")
    assert (after.error, after.failure) == (str(failed.value), "damaged")
    for name in ("epoch", "step", "samples_seen", "test_loss", "test_accuracy", "weights_hash"):
        assert getattr(after, name) == getattr(before, name)


def test_damaged_status_is_mended_by_resuming(uninterrupted: dict[str, Any]) -> None:
    run = store.create(CONFIG)
    train(run)
    (run.path / "status.json").write_text('{"state": "fin')
    train(run)
    assert outcome(run) == uninterrupted


def test_data_that_cannot_be_had_fails_with_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(CONFIG)

    def refuse() -> NoReturn:
        raise DataError("train-images-idx3-ubyte.gz could not be downloaded.")

    monkeypatch.setattr(mnist, "load", refuse)
    with pytest.raises(FailedError, match="could not be downloaded"):
        train(run)
    status = run.status()
    assert status.error == "train-images-idx3-ubyte.gz could not be downloaded."
    assert status.failure == "data"
    rules = [found.rule for found in diagnose(run.record(), status, run.metrics()[0])]
    assert "diverging" not in rules


def test_files_are_whole_json_after_every_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = killed_at_every_write(store.create(CONFIG), 2, tmp_path / "copies", monkeypatch)
    for earlier, later in pairwise(copies):
        assert read_json(later.path / "status.json")["step"] >= read_json(earlier.path / "status.json")["step"]
        assert later.record().config == CONFIG
