"""What the tests of sweeps share: sweeps whose trials train in this process, in milliseconds."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from mnist_core.sweeps import manager
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import loop, watch
from tests.support.sweep_workers import a_plan


@pytest.fixture
def make(tiny: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sweep]:
    """Makes a sweep of quick trials without workers of its own: `loop.work(sweep)` is one, in this process."""
    monkeypatch.setattr(watch, "WATCH_SECONDS", 0.005)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # a third of the time; no power is cut here
    monkeypatch.setattr(loop, "IDLE_SECONDS", 0.005)

    def made(trials: int = 3, **more: Any) -> Sweep:
        return manager.start(a_plan(trials, **more), workers=0)

    return made
