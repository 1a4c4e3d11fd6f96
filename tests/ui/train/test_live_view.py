"""How often a run is looked at: what a person waits for comes soon, and a long run is left in peace."""

import time

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.runs import store
from mnist_core.runs.records import Status
from ui.train.live_view import refresh_seconds


@pytest.mark.parametrize(
    ("seen", "trained", "expected"),
    [
        ({"step": 0}, 0.0, 0.3),  # it is about to begin
        ({}, 3.0, 1.0),
        ({}, 24.0, 2.0),
        ({}, 3000.0, 3.0),
        ({"samples_seen": 597_000, "images_per_second": 1000.0}, 600.0, 1.0),  # 3 s before its end
        ({"images_per_second": None}, 600.0, 1.0),  # it goes on after a rest: when it ends is not known
        ({"state": "paused", "images_per_second": None}, 600.0, 2.0),
        ({"state": "finished"}, 600.0, None),
    ],
)
def test_a_run_is_looked_at_often_where_something_is_to_be_seen(
    home: object, seen: dict[str, object], trained: float, expected: float | None
) -> None:
    run = store.create(TrainConfig(epochs=10))
    status = Status(
        state="running", heartbeat=time.time(), queued_at=0, step=1, samples_seen=64, images_per_second=1000.0
    )
    status = status.model_copy(update={**seen, "train_seconds": trained})
    assert refresh_seconds(run, status) == expected
