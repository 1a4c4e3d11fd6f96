"""When a sweep ends, and when it goes on: minutes, added trials, what the sampler learns, a plan that is none."""

from collections.abc import Callable

import pytest

from mnist_core.sweeps import manager, results
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import loop
from tests.support.sweep_workers import accounts

Make = Callable[..., Sweep]


def test_minutes_end_a_sweep_that_has_no_number_of_trials(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(trials=None, minutes=10)
    turns = iter(range(100))
    monkeypatch.setattr(loop, "_is_over", lambda told: next(turns) >= 4)
    assert loop.work(sweep)
    now = manager.status(sweep)
    assert (now.trials, now.complete) == (None, 2), "every other turn makes a trial, the next one trains it"
    with pytest.raises(Exception, match="has no number of trials, but minutes"):
        manager.add(sweep, trials=3)


def test_trials_can_be_added_to_a_finished_sweep(make: Make) -> None:
    sweep = make(trials=1)
    loop.work(sweep)
    with pytest.raises(Exception, match="has finished: add to it first"):
        manager.resume(sweep, workers=0)
    manager.add(sweep, trials=2)
    assert manager.status(sweep).state == "interrupted"
    manager.resume(sweep, workers=0)
    loop.work(sweep)
    assert accounts(sweep, 3) == {0: 1, 1: 1, 2: 1}


def test_the_tree_structured_sampler_learns_from_earlier_trials(make: Make) -> None:
    sweep = make(trials=11, sampler="tpe")  # ten of them at random
    loop.work(sweep)
    assert accounts(sweep, 11) == dict.fromkeys(range(11), 1)
    assert set(results.importances(sweep)) == {"learning_rate", "momentum"}
    assert sum(results.importances(sweep).values()) == pytest.approx(1)
    so_far = results.best_so_far(results.trials(sweep))
    assert [count for count, _ in so_far] == list(range(1, 12))
    assert so_far == sorted(so_far)


def test_a_plan_of_someone_else_is_refused(make: Make) -> None:
    sweep = make(trials=1)
    sweep.study().set_user_attr("plan", {"config": {}, "space": {"__class__": {"low": 0, "high": 1}}})
    with pytest.raises(Exception, match="holds no plan of this program"):
        sweep.plan()
