"""What the tests of pages share."""

import pytest

from mnist_core.runs.run import Run
from tests.support.mistakes_page import Oracle


@pytest.fixture
def oracle(trained: Run) -> Oracle:
    return Oracle(trained)
