"""What is said of the winner that was trained again."""

from collections.abc import Callable

import pytest

from mnist_core.jobs import launcher
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.sweeps import retrain
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import loop


def test_settings_that_leave_digits_out_are_not_called_everything(
    make: Callable[..., Sweep], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "launch", lambda run: Worker(run).work())
    sweep = make(1)  # of 20 digits of each class
    loop.work(sweep)
    runs = retrain.start(sweep)
    assert {run.record().config.digits_per_class for run in runs} == {20}
    reached = retrain.outcome(sweep)
    assert reached is not None and reached.mean is not None
    assert "trained on 20 digits of each class with 3 fresh seeds" in reached.sentence
    assert "trained on everything" in reached._replace(digits_per_class=0).sentence
