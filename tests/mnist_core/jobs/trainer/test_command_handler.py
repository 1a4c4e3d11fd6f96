"""Commands and rates across kills, resumes and sessions: each is handled exactly once."""

import time

import pytest

from mnist_core.jobs import launcher, steering
from mnist_core.jobs.trainer.command_handler import CommandHandler
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.runs import commands, store
from tests.support.steered_runs import CONFIG, STEPS, Person, kill, killed, kinds, untouched_hash

pytestmark = pytest.mark.usefixtures("tiny")


def test_changed_rate_and_stop_asked_together_are_both_met() -> None:
    run = store.create(CONFIG)

    def both() -> None:
        steering.set_rates(run, learning_rate=0.02)
        launcher.stop(run)

    person = Person(run, ("running", 4, both))
    status = person.follow()
    assert (status.state, status.step, status.learning_rate) == ("stopped", 4, 0.02)
    assert kinds(run) == [(4, "rates"), (4, "stopped")]


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


def test_killed_before_it_handled_its_commands_handles_them_when_it_is_resumed() -> None:
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


def test_commands_that_came_too_late_are_not_handled_by_a_later_session() -> None:
    run = store.create(CONFIG.replace(epochs=1))
    Person(run, ("finished", 7, lambda: commands.ask(run, "step"))).follow()
    commands.ask(run, "rates", learning_rate=0.001)
    again = Person(run)
    status = again.follow(epochs=2)
    assert again.paused_at == []
    assert (status.state, status.learning_rate, status.commands_handled) == ("finished", 0.05, 2)


def test_events_after_the_checkpoint_are_cut_off_with_its_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(CONFIG)
    Person(
        run, ("running", 2, lambda: steering.set_rates(run, 0.02)), ("running", 5, lambda: launcher.stop(run))
    ).follow()
    with (run.path / "events.jsonl").open("a") as file:  # written, and killed before its checkpoint was
        file.write('{"at": 1, "step": 9, "event": "paused"}\n{"at": 1, "st')
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


def test_stop_counts_from_the_moment_the_run_was_queued() -> None:
    run = store.create(CONFIG)
    assert commands.last_number(run) == 0
    number = commands.ask(run, "stop")
    assert commands.last_number(run) == number
    assert CommandHandler(run).is_asked_to_stop(number - 1)
    assert not CommandHandler(run).is_asked_to_stop(number)


def test_a_stop_is_obeyed_though_the_clock_was_set_back_while_the_run_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(CONFIG)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - 3600)
    commands.ask(run, "stop")
    assert Worker(run).work().state == "stopped"


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
