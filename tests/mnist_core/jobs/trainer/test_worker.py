"""A trainer keeps its run directory true at every moment: stopped, killed, signalled, or refused by the disk."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from mnist_core.data.download import FINGERPRINT
from mnist_core.errors import RequestError
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.models import networks
from mnist_core.models.checkpoint import load_weights, weights_hash
from mnist_core.runs import commands, store
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run
from mnist_core.training import device
from tests.support.tiny_runs import CONFIG, STEPS, outcome, train

pytestmark = pytest.mark.usefixtures("tiny")


def test_finished_run_holds_what_design_promises() -> None:
    run = store.create(CONFIG)
    status = train(run)
    assert status == run.status()
    assert (status.state, status.epoch, status.step, status.samples_seen) == ("finished", 2, STEPS, 400)
    rows, _ = run.metrics()
    tests = [row for row in rows if "test_loss" in row]
    steps = [row for row in rows if "train_loss" in row]
    assert len(tests) + len(steps) == len(rows)
    assert [(row["step"], row["epoch"], row["samples_seen"]) for row in tests] == [(0, 0, 0), (7, 1, 200), (14, 2, 400)]
    assert [row["step"] for row in steps] == [1, 4, 7, 8, 11, 14]
    assert [row["samples_seen"] for row in steps] == [32, 128, 200, 232, 328, 400]
    assert {(row["learning_rate"], row["momentum"]) for row in steps} == {(0.05, 0.5)}
    assert (status.test_loss, status.test_accuracy) == (tests[-1]["test_loss"], tests[-1]["test_accuracy"])
    assert run.saved_epochs() == [0, 1, 2]
    model = networks.build("cnn")
    load_weights(run.weights(2), model)
    assert weights_hash(model) == status.weights_hash
    record = run.record()
    assert (record.threads, record.device, record.data) == (1, "cpu", FINGERPRINT)
    assert {"python", "torch", "numpy", "kernels", "cpu_capability"} <= set(record.versions)
    leftovers = {path.name for path in run.path.iterdir()} - {".lock", ".manifest-lock"}
    assert leftovers == {"config.json", "manifest.json", "status.json", "metrics.jsonl", "checkpoint.pt", "epochs"}


@pytest.mark.parametrize("stops", [(1,), (5,), (7,), (3, 6, 12), (7, 8, 13)], ids=str)
def test_stopped_and_resumed_equals_uninterrupted(uninterrupted: dict[str, Any], stops: tuple[int, ...]) -> None:
    run = store.create(CONFIG)
    for step in stops:
        status = train(run, at_step={step: lambda: commands.ask(run, "stop")})
        assert (status.state, status.step) == ("stopped", step)
    train(run)  # does not stop at the command that was left before
    assert outcome(run) == uninterrupted


def test_continued_for_more_epochs_keeps_one_curve(uninterrupted: dict[str, Any]) -> None:
    run = store.create(CONFIG.replace(epochs=1))
    assert train(run).epoch == 1
    first, _ = run.metrics()
    status = train(run, epochs=2)
    assert run.metrics()[0][: len(first)] == first
    assert outcome(run) == uninterrupted
    assert status.train_seconds > 0
    with pytest.raises(RequestError, match=r"has finished its 2 epochs: .*--epochs 7"):
        train(run)


@pytest.mark.parametrize("epoch", [1, 2])
def test_killed_before_the_last_report_it_has_that_left_to_do(uninterrupted: dict[str, Any], epoch: int) -> None:
    run = store.create(CONFIG)
    status = train(run)
    store.write_status(run, status.model_copy(update={"state": "running", "epoch": epoch, "process_started": 0.0}))
    assert run.status().state == "interrupted"
    assert train(run).state == "finished"
    assert outcome(run) == uninterrupted


def test_resuming_takes_the_threads_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(CONFIG.replace(threads=0))
    monkeypatch.setattr(device, "default_threads", lambda: 1)
    train(run, at_step={3: lambda: commands.ask(run, "stop")})
    monkeypatch.setattr(device, "default_threads", lambda: 2)
    train(run)
    assert run.record().threads == 1
    assert run.record().config.threads == 0


def test_run_has_one_trainer(uninterrupted: dict[str, Any]) -> None:
    run = store.create(CONFIG)
    refused: list[str] = []

    def train_it_too() -> None:
        with pytest.raises(RequestError) as error:
            train(run)
        refused.append(str(error.value))

    train(run, at_step={5: train_it_too})
    assert len(refused) == 1 and refused[0].startswith(f"{run.id} is already being trained: watch it, or stop it first")
    assert outcome(run) == uninterrupted


def queue(run: Run, epochs: int | None, act: Callable[[], object]) -> Status:
    def when_queued(status: Status, _: int) -> None:
        if status.state == "queued":
            act()

    return Worker(run, when_queued).work(epochs)


def test_queued_run_can_be_stopped_and_has_not_begun(home: Path) -> None:
    run = store.create(CONFIG)
    with FileLock(store.runs_folder() / ".training.lock"):
        assert queue(run, None, lambda: commands.ask(run, "stop")).state == "stopped"
        assert queue(run, None, lambda: signal.raise_signal(signal.SIGINT)).state == "interrupted"
    assert not run.checkpoint.exists()
    assert run.metrics()[0] == []
    assert queue(run, None, lambda: None).state == "finished"


def test_finished_run_whose_continuation_is_stopped_in_the_queue_stays_finished() -> None:
    run = store.create(CONFIG)
    train(run)
    before = outcome(run)
    with FileLock(store.runs_folder() / ".training.lock"):
        assert queue(run, 5, lambda: commands.ask(run, "stop")).state == "finished"
    assert outcome(run) == before
    assert store.find("best") == run
