"""Steering: no wish is lost or met twice, steps are exact, rates take effect at a step and stand in the events."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from filelock import FileLock

from mnist_core.config.train_config import TrainConfig
from mnist_core.data import mnist
from mnist_core.data.mnist import Mnist
from mnist_core.errors import RequestError
from mnist_core.jobs import launcher, status_reporter, steering, worker
from mnist_core.jobs.command_handler import Controls
from mnist_core.jobs.status_reporter import Reporter
from mnist_core.jobs.worker import Worker
from mnist_core.models.checkpoint import load_state
from mnist_core.runs import commands, store
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run

# 200 digits: six batches of 32 and one of 8 an epoch.
CONFIG = TrainConfig(epochs=2, digits_per_class=20, batch_size=32, log_interval=3, threads=1, learning_rate=0.05)
AN_EPOCH, STEPS = 7, 14
Act = Callable[[], object]


@pytest.fixture(autouse=True)
def tiny(home: Path, digits: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings of a few milliseconds that report and look for wishes at every step."""
    monkeypatch.setattr(mnist, "load", lambda: digits)
    monkeypatch.setattr(worker, "POLL_SECONDS", -1)
    monkeypatch.setattr(status_reporter, "HEARTBEAT_SECONDS", -1)


class Person:
    """Does one thing after the other, each when the run is in a given state at a given step."""

    def __init__(self, run: Run, *acts: tuple[str, int, Act]) -> None:
        self.run = run
        self.left = list(acts)
        self.seen: list[tuple[str, int]] = []
        self.deadline = time.monotonic() + 30

    def __call__(self, status: Status, _: int) -> None:
        now = (status.state, status.step)
        assert self.left or status.state != "paused", f"nobody is to wake it at step {status.step}"
        assert time.monotonic() < self.deadline, f"{now} has not led to {self.left}"
        if not self.seen or self.seen[-1] != now:
            self.seen.append(now)
        if self.left and self.left[0][:2] == now:
            self.left.pop(0)[2]()

    def follow(self, epochs: int | None = None, at_once: bool = True) -> Status:
        return Worker(self.run, self).work(epochs, at_once)

    @property
    def paused_at(self) -> list[int]:
        return [step for state, step in self.seen if state == "paused"]


class KilledError(BaseException):
    """Ends a training as kill -9 does: nothing is saved or reported any more."""


def kill() -> None:
    raise KilledError


def killed(person: Person) -> None:
    """Train until the person's `kill`; what had been reported after it is taken back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reporter, "report_if_possible", lambda *_, **__: None)
        with pytest.raises(KilledError):
            person.follow()
    assert person.left == []


def kinds(run: Run) -> list[tuple[int, str]]:
    return [(event["step"], event["event"]) for event in run.events()]


def untouched_hash() -> str | None:
    run = store.create(CONFIG)
    return Worker(run).work(at_once=True).weights_hash


def test_pause_step_and_going_on_are_exact_and_leave_no_trace_in_the_weights() -> None:
    run = store.create(CONFIG)

    def twice() -> None:  # from two terminals, or a double click
        steering.step(run)
        steering.step(run)

    def step_from_the_checkpoint() -> None:
        assert load_state(run.checkpoint)["training"]["position"]["step"] == 2
        steering.step(run)

    person = Person(
        run,
        ("running", 2, lambda: steering.pause(run)),
        ("paused", 2, step_from_the_checkpoint),
        ("paused", 3, twice),
        ("paused", 5, lambda: steering.step_epoch(run)),
        ("paused", 7, lambda: steering.step(run, 3)),
        ("paused", 10, lambda: steering.unpause(run)),
    )
    status = person.follow()
    assert person.left == []
    assert person.paused_at == [2, 3, 5, 7, 10]
    assert (status.state, status.step) == ("finished", STEPS)
    assert status.weights_hash == untouched_hash()
    assert kinds(run) == [
        (2, "paused"),
        (3, "stepped"),
        (5, "stepped"),
        (7, "stepped"),
        (10, "stepped"),
        (10, "unpaused"),
    ]
    assert [event["steps"] for event in run.events() if event["event"] == "stepped"] == [1, 2, 2, 3]
    assert run.events()[0]["at"] == pytest.approx(time.time(), abs=60)


def test_steps_asked_of_a_running_run_are_made_and_then_it_rests() -> None:
    run = store.create(CONFIG)
    person = Person(
        run,
        ("running", 4, lambda: steering.step(run, 5)),
        ("paused", 9, lambda: (steering.step(run, 2), steering.unpause(run))),
    )
    assert person.follow().state == "finished"
    assert person.paused_at == [9]
    assert kinds(run) == [(9, "stepped"), (9, "unpaused")]


def test_pause_at_the_end_of_an_epoch_comes_after_its_test() -> None:
    run = store.create(CONFIG)

    def tested() -> None:
        assert run.saved_epochs() == [0, 1]
        assert run.metrics()[0][-1]["epoch"] == 1
        steering.unpause(run)

    person = Person(run, ("running", 2, lambda: steering.step(run, 5)), ("paused", 7, tested))
    person.follow()
    assert person.left == []


def test_steps_to_the_end_finish_the_run() -> None:
    run = store.create(CONFIG)
    person = Person(run, ("running", 12, lambda: steering.step(run, 2)))
    assert person.follow().state == "finished"
    assert person.paused_at == []


def test_stop_works_while_paused_and_the_resumed_run_goes_on() -> None:
    run = store.create(CONFIG)
    person = Person(run, ("running", 3, lambda: steering.pause(run)), ("paused", 3, lambda: launcher.stop(run)))
    status = person.follow()
    assert (status.state, status.step) == ("stopped", 3)
    again = Person(run)
    status = again.follow()
    assert again.paused_at == []
    assert (status.state, status.weights_hash) == ("finished", untouched_hash())
    assert kinds(run) == [(3, "paused"), (3, "stopped"), (3, "resumed")]


def test_changed_rate_and_stop_asked_together_are_both_met() -> None:
    run = store.create(CONFIG)

    def both() -> None:
        steering.set_rates(run, learning_rate=0.02)
        launcher.stop(run)

    person = Person(run, ("running", 4, both))
    status = person.follow()
    assert (status.state, status.step, status.learning_rate) == ("stopped", 4, 0.02)
    assert kinds(run) == [(4, "rates"), (4, "stopped")]


def test_wish_for_a_run_in_the_queue_is_met_when_its_turn_comes() -> None:
    run = store.create(CONFIG)
    steering.pause(run)
    steering.set_rates(run, momentum=0.8)
    person = Person(run, ("paused", 0, lambda: steering.step(run)), ("paused", 1, lambda: steering.unpause(run)))
    assert person.follow().state == "finished"
    assert person.paused_at == [0, 1]
    assert kinds(run) == [(0, "rates"), (0, "paused"), (1, "stepped"), (1, "unpaused")]


def test_paused_run_gives_its_turn_away_steps_without_one_and_waits_for_it_to_go_on() -> None:
    run = store.create(CONFIG)
    place = FileLock(store.runs_folder() / ".training.lock")

    def another_begins() -> None:
        place.acquire(timeout=0)
        steering.step(run)

    person = Person(
        run,
        ("running", 3, lambda: steering.pause(run)),
        ("paused", 3, another_begins),
        ("paused", 4, lambda: steering.unpause(run)),
        ("queued", 4, lambda: steering.pause(run)),
        ("paused", 4, lambda: steering.unpause(run)),
        ("queued", 4, place.release),
    )
    status = person.follow(at_once=False)
    assert person.left == []
    assert (status.state, status.weights_hash) == ("finished", untouched_hash())


def test_unpaused_while_it_steps_waits_for_its_turn_too() -> None:
    run = store.create(CONFIG)
    place = FileLock(store.runs_folder() / ".training.lock")
    person = Person(
        run,
        ("running", 3, lambda: steering.pause(run)),
        ("paused", 3, lambda: (place.acquire(timeout=0), steering.step(run, 5))),
        ("running", 5, lambda: steering.unpause(run)),
        ("queued", 5, lambda: launcher.stop(run)),
    )
    assert person.follow(at_once=False).state == "stopped"
    assert person.left == []
    place.release()


def test_killed_amid_steps_makes_the_rest_of_them_when_it_is_resumed() -> None:
    run = store.create(CONFIG)
    killed(
        Person(
            run,
            ("running", 2, lambda: steering.pause(run)),
            ("paused", 2, lambda: steering.step(run, 7)),
            ("running", 6, kill),
        )
    )
    again = Person(run, ("paused", 9, lambda: steering.unpause(run)))
    status = again.follow()
    assert again.paused_at == [9]
    assert status.weights_hash == untouched_hash()
    assert [event["steps"] for event in run.events() if event["event"] == "stepped"] == [7]


def test_killed_before_it_met_its_wishes_meets_them_when_it_is_resumed() -> None:
    run = store.create(CONFIG)

    def ask_and_die() -> None:
        steering.set_rates(run, learning_rate=0.01)
        steering.step(run, 4)
        kill()

    killed(Person(run, ("running", 2, lambda: steering.pause(run)), ("paused", 2, ask_and_die)))
    again = Person(run, ("paused", 6, lambda: steering.unpause(run)))
    assert again.follow().learning_rate == 0.01
    assert again.paused_at == [6]


def test_killed_while_it_rests_goes_on_when_it_is_resumed() -> None:
    run = store.create(CONFIG)
    killed(Person(run, ("running", 2, lambda: steering.pause(run)), ("paused", 2, kill)))
    again = Person(run)
    assert again.follow().state == "finished"
    assert again.paused_at == []


def test_wishes_that_came_too_late_are_not_met_by_a_later_session() -> None:
    run = store.create(CONFIG.replace(epochs=1))
    Person(run, ("finished", 7, lambda: commands.ask(run, "step"))).follow()
    commands.ask(run, "rates", learning_rate=0.001)
    again = Person(run)
    status = again.follow(epochs=2)
    assert again.paused_at == []
    assert (status.state, status.learning_rate, status.wishes_met) == ("finished", 0.05, 2)


def test_events_after_the_checkpoint_are_cut_off_with_its_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(CONFIG)
    Person(
        run, ("running", 2, lambda: steering.set_rates(run, 0.02)), ("running", 5, lambda: launcher.stop(run))
    ).follow()
    with (run.path / "events.jsonl").open("a") as file:  # written, and killed before its checkpoint was
        file.write('{"at": 1, "step": 9, "event": "rates"}\n{"at": 1, "st')
    assert run.events()[-1]["step"] == 9  # the torn line is not there
    Person(run).follow()
    assert kinds(run) == [(2, "rates"), (5, "stopped"), (5, "resumed")]


def test_rates_take_effect_at_the_next_update_and_are_kept_by_a_resume() -> None:
    run = store.create(CONFIG.replace(log_interval=1))
    Person(
        run,
        ("running", 3, lambda: steering.set_rates(run, learning_rate=0.02)),
        ("running", 6, lambda: steering.set_rates(run, momentum=0.9)),
        ("running", 9, lambda: launcher.stop(run)),
    ).follow()
    status = Person(run).follow()
    rows = [row for row in run.metrics()[0] if "train_loss" in row]
    used = {row["step"]: (row["learning_rate"], row["momentum"]) for row in rows}
    assert used == {step: (0.05 if step <= 3 else 0.02, 0.5 if step <= 6 else 0.9) for step in range(1, STEPS + 1)}
    assert (status.learning_rate, status.momentum) == (0.02, 0.9)
    first, second = (event for event in run.events() if event["event"] == "rates")
    assert first.items() >= {"old_learning_rate": 0.05, "learning_rate": 0.02, "momentum": 0.5}.items()
    assert second.items() >= {"old_momentum": 0.5, "momentum": 0.9, "learning_rate": 0.02}.items()
    assert run.record().config.learning_rate == 0.05  # what it was started with


def test_schedule_scales_the_new_rate() -> None:
    run = store.create(CONFIG.replace(log_interval=1, schedule="cosine", learning_rate=0.1))
    Person(run, ("running", 5, lambda: steering.set_rates(run, learning_rate=0.05))).follow()
    plain = store.create(CONFIG.replace(log_interval=1, schedule="cosine", learning_rate=0.1))
    Person(plain).follow()
    steered, unsteered = ([r["learning_rate"] for r in each.metrics()[0] if "train_loss" in r] for each in (run, plain))
    assert steered == pytest.approx(unsteered[:5] + [rate / 2 for rate in unsteered[5:]])


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_momentum_reaches_the_optimizer(optimizer: str) -> None:
    from mnist_core.training.loop import Training

    training = Training(CONFIG.replace(optimizer=optimizer, weight_decay=0.01, beta2=0.99))
    training.set_rates(0.2, 0.8)
    for group in training.optimizer.param_groups:
        assert group["momentum"] == 0.8 if optimizer == "sgd" else group["betas"] == (0.8, 0.99)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda run: steering.step(run, 0), "steps must be a whole number from 1 to 1,000,000; 0 was given."),
        (
            lambda run: steering.step(run, cast("int", 2.0)),
            "steps must be a whole number from 1 to 1,000,000; 2.0 was given.",
        ),
        (lambda run: steering.set_rates(run), "Say which rate to change: the learning rate, the momentum, or both."),
        (
            lambda run: steering.set_rates(run, learning_rate="fast"),
            "learning_rate must be a number from 1e-06 to 10; 'fast' was given.",
        ),
        (lambda run: steering.set_rates(run, momentum=1), "momentum must be a number from 0 to 0.99; 1 was given."),
    ],
)
def test_wrong_wish_is_one_sentence_and_leaves_nothing(act: Callable[[Run], Any], sentence: str) -> None:
    run = store.create(CONFIG)
    with pytest.raises(RequestError) as refused:
        act(run)
    assert str(refused.value) == sentence
    assert commands.wishes(run) == []


ACTS: dict[str, Callable[[Run], Any]] = {
    "pause": steering.pause,
    "unpause": steering.unpause,
    "step": steering.step,
    "step_epoch": steering.step_epoch,
    "set_rates": lambda run: steering.set_rates(run, 0.1),
    "watch_layers": lambda run: steering.watch_layers(run, True),
}


@pytest.mark.parametrize("act", list(ACTS))
def test_run_at_rest_is_not_steered(act: str) -> None:
    run = store.create(CONFIG)
    store.write_status(run, run.status().model_copy(update={"state": "stopped"}))
    with pytest.raises(RequestError, match=rf"^{run.id} is not being trained: it is stopped\.$"):
        ACTS[act](run)


def test_no_wish_is_lost_when_many_ask_at_once() -> None:
    run = store.create(CONFIG)
    threads = [threading.Thread(target=steering.step, args=(run, n)) for n in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waiting = commands.wishes(run)
    assert [wish.serial for wish in waiting] == list(range(1, 21))
    assert sorted(wish.steps for wish in waiting) == list(range(1, 21))


def test_wishes_met_leave_the_list_and_numbers_go_on() -> None:
    run = store.create(CONFIG)
    for _ in range(3):
        steering.pause(run)
    store.write_status(run, run.status().model_copy(update={"wishes_met": 2}))
    assert steering.unpause(run) == 4
    assert [(wish.serial, wish.wish) for wish in commands.wishes(run)] == [(3, "pause"), (4, "unpause")]
    store.write_status(run, run.status().model_copy(update={"wishes_met": 4}))
    assert steering.pause(run) == 5


@pytest.mark.parametrize("content", [b"", b"[]", b'{"stop": true, "at": 99}', b'{"wishes": [{"serial": 1}]}', b"\xff"])
def test_damaged_control_file_is_no_wish_and_is_mended_by_the_next(content: bytes) -> None:
    run = store.create(CONFIG)
    (run.path / "control.json").write_bytes(content)
    assert commands.wishes(run) == []
    assert not Controls(run).is_asked_to_stop(0)
    assert steering.pause(run) == 1
    assert json.loads((run.path / "control.json").read_text())["wishes"][0]["wish"] == "pause"


def test_stop_counts_from_the_moment_the_run_was_queued() -> None:
    run = store.create(CONFIG)
    before = time.time()
    commands.ask(run, "stop")
    assert Controls(run).is_asked_to_stop(before)
    assert not Controls(run).is_asked_to_stop(time.time() + 1)


def test_watched_layers_stand_in_the_rows_and_change_nothing() -> None:
    run = store.create(CONFIG)
    person = Person(
        run,
        ("running", 2, lambda: steering.watch_layers(run, True)),
        ("running", 6, lambda: launcher.stop(run)),
    )
    person.follow()
    again = Person(run, ("running", 10, lambda: steering.watch_layers(run, False)))
    assert again.follow().weights_hash == untouched_hash()
    rows = [row for row in run.metrics()[0] if "train_loss" in row]
    assert [row["step"] for row in rows if "layers" in row] == [4, 7, 8]  # of 1, 4, 7, 8, 11, 14; kept by the resume
    assert set(rows[1]["layers"]) == {"conv1", "conv2", "fc1", "fc2"}
    assert set(rows[1]["layers"]["fc1"]) == {"gradient_norm", "update_ratio", "dead_share"}
