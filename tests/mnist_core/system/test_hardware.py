"""The machine's limit, and what share of it a training uses."""

from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.runs.records import Record, share_of_limit
from mnist_core.system import hardware


def test_the_limit_is_measured_once_and_kept_as_the_fastest(home: Path) -> None:
    record = Record(config=TrainConfig(), created=0, device="cpu")
    assert hardware.limit() is None
    assert share_of_limit(record, 1000) is None
    measured = hardware.measure(seconds=0)
    assert hardware.limit() == measured > 1e8
    (home / "machine.json").write_text((home / "machine.json").read_text().replace(str(measured), "1e15"))
    assert hardware.measure(seconds=0) == 1e15, "a slower moment does not lower it"


@pytest.mark.parametrize("content", ["[1]", "{", '{"other machine": 1e11}'])
def test_a_damaged_or_foreign_file_is_no_limit(home: Path, content: str) -> None:
    (home / "machine.json").write_text(content)
    assert hardware.limit() is None
    assert hardware.measure(seconds=0) == hardware.limit()
