"""One press too many on Start: however late the page is, it is no second run; later on it is."""

from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from mnist_core.runs import store
from ui.train import start_button


@pytest.fixture
def clock(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the button goes by; runs are queued, and no process trains them."""
    now = [100.0]
    monkeypatch.setattr("ui.train.start_button.st.session_state", {})
    monkeypatch.setattr("ui.train.start_button.time.monotonic", lambda: now[0])
    monkeypatch.setattr(launcher, "launch", lambda run, *options: None)
    return now


def test_a_second_press_before_the_run_is_shown_gets_the_first_run(clock: list[float]) -> None:
    first = start_button._start(TrainConfig())
    clock[0] += 30  # the page is busy
    assert start_button._start(TrainConfig()) == first
    start_button.started_run_is_shown()
    clock[0] += 0.5
    assert start_button._start(TrainConfig()) == first
    assert store.every() == [first]


def test_a_press_after_the_run_is_shown_starts_another(clock: list[float]) -> None:
    first = start_button._start(TrainConfig())
    start_button.started_run_is_shown()
    clock[0] += 2
    second = start_button._start(TrainConfig())
    assert {run.id for run in store.every()} == {first.id, second.id}


def test_other_settings_or_an_ended_run_start_another_at_once(clock: list[float]) -> None:
    first = start_button._start(TrainConfig())
    second = start_button._start(TrainConfig(epochs=4))
    assert second != first
    store.write_status(second, second.status().model_copy(update={"state": "failed"}))
    assert start_button._start(TrainConfig(epochs=4)) not in (first, second)
