"""What tests of several folders share: trainings of a few milliseconds, and answers known to be calibrated."""

from pathlib import Path

import numpy as np
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


@pytest.fixture(scope="session")
def sure() -> tuple[np.ndarray, np.ndarray]:
    """20,000 probabilities, and answers that are right as often as they say."""
    random = np.random.default_rng(3)
    probability = random.uniform(0.1, 1, 20_000)
    return probability, random.random(20_000) < probability


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty MNIST_HOME without data."""
    monkeypatch.setenv("MNIST_HOME", str(tmp_path))
    return tmp_path
