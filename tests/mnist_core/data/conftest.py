"""What the tests of the data set share."""

from pathlib import Path
from typing import Any

import pytest

from mnist_core.data import download


@pytest.fixture
def datasets() -> Any:
    return download.import_torchvision_datasets()


@pytest.fixture
def no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty MNIST_HOME, and no copies in the repository: its raw folder."""
    monkeypatch.setenv("MNIST_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(download, "REPOSITORY", tmp_path / "no repository")
    return tmp_path / "home" / "data" / "MNIST" / "raw"
