"""What the tests of run folders share."""

from pathlib import Path

import pytest


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty MNIST_HOME without data."""
    monkeypatch.setenv("MNIST_HOME", str(tmp_path))
    return tmp_path
