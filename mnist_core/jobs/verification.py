"""Train a run again, in memory, from its settings and events, and compare the weights' hash with the recorded one.

A fine-tuned run begins with its own copy of the parent's weights and sees its own copy of the drawings, whatever became
of both. A changed network was not trained: its changes are made again, to its parent's weights.
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from mnist_core.data import mnist
from mnist_core.data.mnist import Mnist, Split
from mnist_core.errors import DamagedError, FailedError, RequestError
from mnist_core.jobs import changed_run
from mnist_core.runs import manifest, store
from mnist_core.runs.records import ACTIVE, Record
from mnist_core.runs.run import Run
from mnist_core.training import starting_point


class Verification(NamedTuple):
    """What came of it."""

    run: str  # the id
    step: int  # compared after so many updates
    rate_changes: int  # that were replayed
    recorded: str  # SHA-256 of the weights, as `checkpoint.weights_hash` takes it
    found: str
    other_versions: dict[str, str]  # what the run was trained with, where it is not what trained it now
    differing: str  # the same in words, with what trained it now
    changed: str | None = None  # of a network that was not trained but changed: what it was, and the changes

    @property
    def same(self) -> bool:
        """Whether every bit of the weights is."""
        return self.recorded == self.found


def verify(run: Run, on_progress: Callable[[float], None] = lambda share: None) -> Verification:
    """Check the run's files; then train again up to where it came to rest, with its changed rates at their updates.

    `on_progress` is told the share that is done, 0 to 1. Nothing is written but the manifest of a run that has none.

    Raises RequestError while the run is being trained, and where it has saved nothing to compare with; FailedError
    where its files are damaged.
    """
    record, status = run.record(), run.status()
    if run.is_held() or status.state in ACTIVE:
        raise RequestError(f"{run.id} is being trained: wait for its end, or stop it, and verify it then.")
    from mnist_core.models import checkpoint
    from mnist_core.models.inference import load_network
    from mnist_core.training.loop import Training

    _check_files(run)
    if record.changes and not run.checkpoint.exists():
        again, what = changed_run.weights_hash_again(run, record), changed_run.origin(record)
        return Verification(run.id, 0, 0, str(status.weights_hash), again, {}, "", what)
    given = starting_point.inputs(run)
    threads = record.threads or record.config.threads
    goal, recorded, epochs = status.step, status.weights_hash, record.config.epochs
    if run.checkpoint.exists():
        saved = checkpoint.load_state(run.checkpoint)
        goal, epochs = saved["training"]["position"]["step"], saved.get("epochs", epochs)
        if status.state == "interrupted":  # killed, a run may have saved once more since its last report
            last = Training(record.config.replace(threads=threads), *given)
            last.load_state(saved["training"])
            recorded = checkpoint.weights_hash(last.answering)
    if recorded is None:
        raise RequestError(f"{run.id} has saved no weights to compare with: resume it, or choose another run.")
    if status.state == "finished" and manifest.is_taken_over(run.path) and run.weights(status.epoch).exists():
        network = load_network(run, status.epoch)
        if checkpoint.weights_hash(network) != status.weights_hash:
            raise DamagedError(
                f"{run.weights(status.epoch)} is damaged: its weights are not those that status.json names. "
                "Put a copy back, or train the run again."
            )
    events = [event for event in run.events() if event["step"] <= goal]
    epochs = next((event["old_epochs"] for event in events if event["event"] == "epochs"), epochs)
    training = Training(record.config.replace(epochs=epochs, threads=threads), *given)
    changes = _train(training, events, goal, on_progress)
    found = checkpoint.weights_hash(training.answering)
    here = {**training.versions, "device": str(training.device)}
    other = {"device": record.device} if record.device and record.device != here["device"] else {}
    for versions in (record.versions, *record.earlier_versions):
        other = {name: version for name, version in versions.items() if _differs(name, version, here)} | other
    return Verification(run.id, goal, changes, recorded, found, other, differing_versions(other, here))


def _check_files(run: Run) -> None:
    if not run.is_shipped:
        with suppress(FailedError):  # where it cannot be written, its files are read as they are
            manifest.adopt(run.path)
    if wrong := manifest.damaged(run.path):
        more = f" ({len(wrong) - 1} more of its files are damaged or missing.)" if len(wrong) > 1 else ""
        raise DamagedError(f"{next(iter(wrong.values()))}{more}")


def _train(training: Any, events: list[dict[str, Any]], goal: int, on_progress: Callable[[float], None]) -> int:
    """Train up to `goal` updates, with the events at theirs; returns how many changes of rates there were."""
    train, test = mnist.load()
    digits = Mnist(train, Split(test.images[:1], test.labels[:1]))  # tests change nothing: here they are short
    waiting = [event for event in events if event["event"] in ("rates", "epochs", "threads")]
    changes = 0

    def replay() -> None:
        nonlocal changes
        while waiting and waiting[0]["step"] <= training.step:
            event = waiting.pop(0)
            if event["event"] == "rates":
                training.set_rates(event["learning_rate"], event["momentum"])
                changes += 1
            elif event["event"] == "threads":
                training.set_threads(event["threads"])
            else:  # a schedule goes on along the longer training
                training.config = training.config.replace(epochs=event["epochs"])

    replay()
    while training.step < goal:
        began = training.step
        for _ in training.run(digits):
            on_progress(training.step / goal)
            if training.step == goal:
                break
            replay()
        if training.step == began:  # events that do not lead to the goal: files of another run
            break
    replay()
    return changes


def record_versions(run: Run, record: Record, versions: dict[str, str], resumed: bool) -> Record:
    """Keep what this session trains with; a resumed run says where it was something else until now."""
    if resumed and (differing := differing_versions(record.versions, versions)):
        print(f"{run.id} goes on with other versions: {differing}.", file=sys.stderr, flush=True)
    record = record.trained_with(versions, resumed)
    store.write_record(run, record)
    return record


def differing_versions(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """In words: what a run was trained with and is not now, of what decides the last bits.

    An older record says nothing of what was not recorded yet.
    """
    names = {"kernels": "convolutions", "vector_width": "vector width", "cpu_capability": "vector instructions"}
    return ", ".join(
        f"{names.get(name, name)} {version} (now {now[name]})"
        for name, version in before.items()
        if _differs(name, version, now)
    )


def _differs(name: str, version: str, now: Mapping[str, str]) -> bool:
    return name != "python" and now.get(name, version) != version
