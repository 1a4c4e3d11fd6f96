"""What the tests of trainers share."""

from typing import Any

import pytest

from mnist_core.runs import store
from tests.support.tiny_runs import CONFIG, outcome, train


@pytest.fixture
def uninterrupted(tiny: None) -> dict[str, Any]:
    run = store.create(CONFIG)
    train(run)
    return outcome(run)
