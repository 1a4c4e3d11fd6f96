"""Steering: no command is lost or handled twice, steps are exact, rates change at a step and are logged."""

import time
from collections.abc import Callable
from typing import Any, cast

import pytest
from filelock import FileLock

from mnist_core.errors import RequestError
from mnist_core.jobs import launcher, steering
from mnist_core.models.checkpoint import load_state
from mnist_core.runs import commands, store
from mnist_core.runs.run import Run
from tests.support.steered_runs import CONFIG, STEPS, Person, kinds, untouched_hash

pytestmark = pytest.mark.usefixtures("tiny")


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


def test_command_for_a_run_in_the_queue_is_handled_when_it_trains() -> None:
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
def test_wrong_command_is_one_sentence_and_leaves_nothing(act: Callable[[Run], Any], sentence: str) -> None:
    run = store.create(CONFIG)
    with pytest.raises(RequestError) as refused:
        act(run)
    assert str(refused.value) == sentence
    assert commands.pending(run) == []


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
