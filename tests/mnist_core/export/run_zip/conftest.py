"""A run's ZIP file, and another store to take it to."""

from pathlib import Path

import pytest

from mnist_core.export.run_zip import pack
from mnist_core.runs.run import Run


@pytest.fixture(scope="session")
def packed(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The ZIP file of `trained_run`. (Its answers over the test digits are looked at in test_import.py.)"""
    path = tmp_path_factory.mktemp("packed") / "run.zip"
    pack._pack(Run(trained_run), path)
    return path.read_bytes()


@pytest.fixture
def other_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another store, empty, with the data set."""
    other = home.with_name("other")
    other.mkdir()
    (other / "data").symlink_to(home / "data")
    monkeypatch.setenv("MNIST_HOME", str(other))
    return other
