"""What the tests of pages share."""

from collections.abc import Iterator

import pytest

from mnist_core.runs.run import Run
from tests.support.mistakes_page import Oracle
from ui.access import configuration


@pytest.fixture(autouse=True)
def sign_in_is_off_again() -> Iterator[None]:
    """A process that has seen sign-in configured lets nobody in without it: the next test is another server's."""
    yield
    configuration._was_on = False


@pytest.fixture
def oracle(trained: Run) -> Oracle:
    return Oracle(trained)
