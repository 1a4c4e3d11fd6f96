"""What tests of several folders share: an empty home, and answers known to be calibrated."""

from pathlib import Path

import numpy as np
import pytest


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
