"""What the tests of the data set share."""

from typing import Any

import pytest

from mnist_core.data import download


@pytest.fixture
def datasets() -> Any:
    return download.import_torchvision_datasets()
