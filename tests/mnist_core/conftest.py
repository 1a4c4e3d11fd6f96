"""Trainings of a few milliseconds, for whatever drives a trainer in this process."""

from pathlib import Path

import pytest

from mnist_core.data import mnist
from mnist_core.data.mnist import Mnist, Split
from mnist_core.jobs import status_reporter, worker


@pytest.fixture
def tiny(home: Path, digits: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few digits; the trainer reports and looks for commands at every step."""
    few = Mnist(digits.train, Split(digits.test.images[:100], digits.test.labels[:100]))
    monkeypatch.setattr(mnist, "load", lambda: few)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0)
    monkeypatch.setattr(status_reporter, "HEARTBEAT_SECONDS", -1)
