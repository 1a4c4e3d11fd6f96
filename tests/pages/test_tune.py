"""The Tune page: any plan it offers is one, a sweep's views show every trial, and the buttons do what they say."""

import os
import sys
from typing import Any

import pytest

from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.sweeps import manager, results
from mnist_core.sweeps import sweep as sweeps
from mnist_core.sweeps.plan import SweepPlan
from mnist_core.sweeps.space import searchable
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import loop
from tests.support.pages import checked, open_as, open_page
from tests.support.sweep_workers import a_plan, forget_storages
from ui.access import changes, configuration
from ui.tune import follow
from ui.tune.charts import VIEWS

PAGE = "pages/5_Tune.py"


@pytest.fixture
def sweep(tiny: None, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """A finished one, of four quick trials over learning rate and momentum."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # no power is cut here
    made = manager.start(a_plan(4), workers=0)
    loop.work(made)
    return made


@pytest.fixture
def started(home: None, monkeypatch: pytest.MonkeyPatch) -> list[SweepPlan]:
    """The plans that the page starts; no worker is."""
    plans: list[SweepPlan] = []

    def start(plan: SweepPlan) -> Sweep:
        plans.append(plan)
        return sweeps.create(plan)

    monkeypatch.setattr(changes, "start_sweep", start)
    return plans


def test_before_there_is_a_sweep_the_page_says_what_to_do_and_does_it(started: list[SweepPlan]) -> None:
    app = checked(open_page(PAGE))
    assert "press Start sweep" in app.info[0].value
    app.button[0].click().run()
    checked(app)
    (plan,) = started
    assert (list(plan.space), plan.trials, plan.config.validation_size) == (["learning_rate", "momentum"], 20, 10_000)
    assert plan.space["learning_rate"].log
    assert app.query_params["sweep"] == sweeps.every()[0].id


def test_every_setting_that_can_be_searched_is_offered_with_a_range(started: list[SweepPlan]) -> None:
    app, without_effect = open_page(PAGE), []
    for name in searchable():
        app.multiselect(key="tune_names").set_value([name]).run()
        if app.error:  # said, and Start is disabled
            assert "makes no difference" in app.error[0].value and app.button[0].disabled
            without_effect.append(name)
        else:
            app.button[0].click().run()
            assert list(started[-1].space) == [name]
        assert not app.exception
    # Of SGD, of another network than deep, and without augmentation.
    assert without_effect == ["beta2", "width", "augmentation_strength"]


def test_a_plan_that_is_none_is_said_and_cannot_be_started(started: list[SweepPlan]) -> None:
    app = open_page(PAGE)
    app.multiselect(key="tune_names").set_value([]).run()
    assert "Say what to search" in app.error[0].value
    assert app.button[0].disabled


def test_each_view_shows_the_finished_sweep(sweep: Sweep) -> None:
    app = open_page(PAGE, sweep=sweep.id)
    assert [button.disabled for button in app.button if button.label in ("Pause", "Go on", "Stop")] == [True] * 3
    for view in VIEWS:
        checked(app.segmented_control(key="sweep_view").set_value(view).run())
    shown, rows = app.dataframe[0].value, results.trials(sweep)
    assert list(shown["Trial"]) == [row.number for row in rows]
    assert list(shown["Run"]) == [f"/Train?run={row.runs[0]}" for row in rows]
    assert list(shown["Validation accuracy"]) == [100 * (row.accuracy or 0) for row in rows]


def test_the_winner_is_trained_with_fresh_seeds_once(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[Any] = []
    monkeypatch.setattr(launcher, "launch", launched.append)
    app = checked(open_page(PAGE))
    best = results.best(sweep)
    assert best is not None
    winner = next(button for button in app.button if button.label == "Train the winner on everything")
    winner.click().run()
    checked(app)
    assert len(launched) == 3
    configs = [run.record().config for run in launched]
    assert {config.validation_size for config in configs} == {0}
    assert len({config.seed for config in configs} | {sweep.plan().config.seed}) == 4
    assert not [button for button in app.button if button.label == "Train the winner on everything"]


def test_trials_are_added_and_the_sweep_goes_on(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(manager, "_start_workers", lambda of, count: started.append(count))
    app = checked(open_page(PAGE))
    next(button for button in app.button if button.label == "10 more trials").click().run()
    checked(app)
    assert manager.status(sweep).trials == 14
    assert started and started[0] >= 1


def test_a_refusal_is_said_where_the_button_is(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    """The buttons are a fragment's: a press runs that alone, and what is said outside of it waits."""
    callers: list[str] = []
    monkeypatch.setattr(follow, "show_refusal", lambda: callers.append(sys._getframe(1).f_code.co_name))
    checked(open_page(PAGE))
    assert callers == ["panel"]


def test_a_full_grid_offers_no_more_trials(tiny: None) -> None:
    manager.start(a_plan(3, sampler="grid", space={"momentum": {"low": 0, "high": 0.5, "points": 3}}), workers=0)
    app = checked(open_page(PAGE))
    assert next(button for button in app.button if button.label == "10 more trials").disabled


def test_a_viewer_starts_nothing(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "_was_on", False)
    app = open_as({"email": "pupil@school.org", "name": "Pupil"}, PAGE)
    checked(app)
    assert all(button.disabled for button in app.button if button.label != "Sign out")


def test_a_sweep_whose_file_is_damaged_hides_no_other(sweep: Sweep) -> None:
    other = sweeps.create(a_plan(1))
    (other.path / "sweep.json").write_text("5")
    app = open_page(PAGE, sweep=sweep.id)
    checked(app)
    app = open_page(PAGE, sweep=other.id)
    assert not app.exception
    assert "sweep.json" in app.error[0].value
    assert len(store.every()) == 4


def test_a_sweep_whose_journal_is_damaged_hides_no_other(sweep: Sweep) -> None:
    other = sweeps.create(a_plan(1))
    (other.path / "journal.log").write_text("{}\n{}\n")
    forget_storages()
    checked(open_page(PAGE, sweep=sweep.id))
    app = open_page(PAGE, sweep=other.id)
    assert not app.exception
    assert "journal.log is damaged" in app.error[0].value


def test_a_sweep_is_deleted_and_brought_back(sweep: Sweep) -> None:
    app = checked(open_page(PAGE))
    next(button for button in app.button if button.label == "Delete sweep").click().run()
    checked(app)
    assert sweeps.every() == [] and "sweep" not in app.query_params
    assert "No sweep yet" in app.info[0].value
    next(button for button in app.button if button.label == "Undo deletion").click().run()
    checked(app)
    assert sweeps.every() == [sweep]
    assert not [button for button in app.button if button.label == "Undo deletion"]
