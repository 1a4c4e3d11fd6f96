"""`verify` trains again in memory, and says whether every bit is the same."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mnist_core.cli import app
from mnist_core.config.train_config import TrainConfig
from mnist_core.data import mnist
from mnist_core.data.mnist import Mnist
from mnist_core.errors import RequestError
from mnist_core.jobs import launcher, steering
from mnist_core.jobs.trainer import status_reporter, worker
from mnist_core.jobs.trainer.status_reporter import StatusReporter
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.jobs.verification import verify
from mnist_core.runs import store
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run
from mnist_core.training.loop import Training
from tests.support.tiny_runs import threads_are_given_up

CONFIG = TrainConfig(epochs=2, digits_per_class=20, batch_size=32, threads=1, learning_rate=0.05)  # 7 steps an epoch


@pytest.fixture(autouse=True)
def tiny(home: Path, digits: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist, "load", lambda: digits)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0)
    monkeypatch.setattr(status_reporter, "HEARTBEAT_SECONDS", -1)


def train(run: Run, acts: dict[int, Callable[[], object]] | None = None, epochs: int | None = None) -> Status:
    todo = dict(acts or {})

    def act(status: Status, _: int) -> None:
        if status.state == "running" and status.step in todo:
            todo.pop(status.step)()

    status = Worker(run, act).work(epochs, at_once=True)
    assert not todo
    return status


SETTINGS = [
    {},
    {"schedule": "cosine"},
    {"model": "compact", "optimizer": "adamw", "schedule": "one_cycle", "weight_averaging": 0.9, "weight_decay": 0.01},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_three_changes_of_rate_verify_three_times_of_three(settings: dict[str, object]) -> None:
    run = store.create(CONFIG.replace(**settings))
    status = train(
        run,
        {
            2: lambda: steering.set_rates(run, learning_rate=0.02),
            7: lambda: steering.set_rates(run, momentum=0.9),
            11: lambda: steering.set_rates(run, learning_rate=0.1, momentum=0.2),
        },
    )
    plain = store.create(CONFIG.replace(**settings))
    assert train(plain).weights_hash != status.weights_hash
    for _ in range(3):
        found = verify(run)
        assert (found.same, found.rate_changes, found.step, found.found) == (True, 3, 14, status.weights_hash)
    assert verify(plain).same


def test_threads_that_were_given_up_are_given_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(CONFIG.replace(threads=0))
    threads_are_given_up(monkeypatch)
    train(run, {7: lambda: launcher.stop(run)})
    train(run)
    changes = [(event["step"], event["threads"]) for event in run.events() if event["event"] == "threads"]
    assert [threads for _, threads in changes] == [1, 2]
    used: list[int] = []
    update = Training.update

    def noted(self: Training, images: Tensor, labels: Tensor) -> Tensor:
        used.append(torch.get_num_threads())
        return update(self, images, labels)

    monkeypatch.setattr(Training, "update", noted)
    assert verify(run).same
    (first, _), (second, _) = changes
    assert used == [2] * first + [1] * (second - first) + [2] * (14 - second)


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_stopped_and_continued_for_more_epochs_verifies(schedule: str) -> None:
    run = store.create(CONFIG.replace(epochs=1, schedule=schedule))
    train(run, {3: lambda: steering.set_rates(run, momentum=0.8), 5: lambda: launcher.stop(run)})
    assert verify(run).step == 5
    assert verify(run).same
    train(run)
    assert verify(run).same
    train(run, {9: lambda: steering.set_rates(run, learning_rate=0.2)}, epochs=2)
    shares: list[float] = []
    found = verify(run, shares.append)
    assert (found.same, found.step, found.rate_changes) == (True, 14, 2)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_killed_run_verifies_what_it_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(CONFIG)

    def kill() -> None:
        monkeypatch.setattr(StatusReporter, "report_if_possible", lambda *_, **__: None)
        raise KeyError

    with pytest.raises(KeyError):
        train(run, {2: lambda: steering.set_rates(run, learning_rate=0.02), 9: kill})
    store.write_status(run, run.status().model_copy(update={"pid": None, "heartbeat": 0}))
    assert run.status().state == "interrupted"
    found = verify(run)
    assert (found.same, found.step, found.rate_changes) == (True, 7, 1)


def test_what_is_not_what_was_recorded_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    run = store.create(CONFIG)
    train(run, {4: lambda: steering.set_rates(run, learning_rate=0.02)})
    assert app.main(["verify", run.id]) == 0
    assert "the same weights to the bit after 14 updates, 1 change of rates replayed" in capsys.readouterr().out
    events = (run.path / "events.jsonl").read_text()
    (run.path / "events.jsonl").write_text(events.replace("0.02", "0.03"))
    assert app.main(["verify", run.id]) == 1
    assert "events.jsonl is damaged" in capsys.readouterr().err
    (run.path / "manifest.json").unlink()  # of an old run
    assert app.main(["verify", run.id]) == 1
    assert "other weights after 14 updates" in capsys.readouterr().out
    assert app.main(["verify", run.id, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["same"] is False
    assert document["recorded"] == run.status().weights_hash != document["found"]


def test_other_path_or_version_is_named_where_the_weights_differ(capsys: pytest.CaptureFixture[str]) -> None:
    run = store.create(CONFIG.replace(kernels="pytorch"))
    train(run)
    record, status = run.record(), run.status()
    assert record.versions["kernels"] == "pytorch"
    store.write_status(run, status.model_copy(update={"weights_hash": "0" * 64}))

    def told(**versions: str) -> str:
        store.write_record(run, record.model_copy(update={"versions": versions}))
        assert app.main(["verify", run.id]) == 1
        return capsys.readouterr().out

    installed = record.versions["torch"]
    compiled = {"kernels": "compiled", "llvmlite": "0.1", "vector_width": "16"}
    assert told(python="2", torch="1.0", **compiled).endswith(
        f"it was trained with torch 1.0 (now {installed}), convolutions compiled (now pytorch).\n"
    )
    assert told(torch=installed).endswith(
        "its files, the machine or the program have changed since.\n"
    )  # an old record
    record = record.model_copy(update={"device": "cuda"})
    assert told(torch=installed).endswith("it was trained with device cuda (now cpu).\n")


def test_resumed_with_another_path_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    run = store.create(CONFIG.replace(kernels="pytorch"))
    train(run, {3: lambda: launcher.stop(run)})
    record = run.record()
    with_compiled = record.model_copy(update={"versions": record.versions | {"kernels": "compiled"}})
    store.write_record(run, with_compiled)
    train(run, {5: lambda: launcher.stop(run)})
    told = f"{run.id} goes on with other versions: convolutions compiled (now pytorch).\n"
    assert capsys.readouterr().err == told
    assert run.record().versions == record.versions
    old = {name: version for name, version in record.versions.items() if name != "kernels"}
    store.write_record(run, record.model_copy(update={"versions": old}))
    train(run)
    assert capsys.readouterr().err == ""
    assert run.record().versions == record.versions


def test_what_only_an_earlier_session_trained_with_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    run = store.create(CONFIG.replace(kernels="pytorch"))
    train(run, {3: lambda: launcher.stop(run)})
    record = run.record()
    before = record.versions | {"kernels": "compiled", "cpu_capability": "none"}
    store.write_record(run, record.model_copy(update={"versions": before}))
    train(run)
    assert run.record().earlier_versions == [before]
    store.write_status(run, run.status().model_copy(update={"weights_hash": "0" * 64}))
    capsys.readouterr()
    assert app.main(["verify", run.id]) == 1
    told = capsys.readouterr().out
    now = record.versions["cpu_capability"]
    assert f"vector instructions none (now {now})" in told and "convolutions compiled (now pytorch)" in told


def test_nothing_to_verify_is_refused() -> None:
    run = store.create(CONFIG)
    with pytest.raises(RequestError, match="is being trained: wait for its end"):
        verify(run)
    store.write_status(run, run.status().model_copy(update={"state": "stopped"}))
    with pytest.raises(RequestError, match="has saved no weights to compare with"):
        verify(run)
