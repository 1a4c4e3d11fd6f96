"""`tune rate`, in a terminal and as the dashboard's process."""

import json
import os
from pathlib import Path

import pytest

from mnist_core.cli import app
from mnist_core.config.train_config import TrainConfig
from mnist_core.sweeps import rate
from tests.conftest import wait_until

Output = pytest.CaptureFixture[str]
CONFIG = TrainConfig(model="mlp", momentum=0.9, threads=1)


@pytest.mark.slow
def test_the_process_writes_an_answer_that_is_the_terminals(home: Path, capsys: Output) -> None:
    assert rate.read(CONFIG) is None
    rate.start(CONFIG)
    begun = rate.read(CONFIG)
    assert begun is not None and not begun.is_ready
    wait_until(lambda: (now := rate.read(CONFIG)) is not None and now.is_ready, "the answer")
    found = rate.read(CONFIG)
    assert found is not None and not found.error
    capsys.readouterr()
    assert app.main(["tune", "rate", "--model", "mlp", "--momentum", "0.9", "--threads", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["suggestion"], told["reason"]) == (found.suggestion, found.reason)
    assert [tuple(point) for point in told["points"]] == found.points
    assert rate.read(CONFIG.replace(learning_rate=0.5, epochs=7)) == found  # they do not matter
    assert rate.read(CONFIG.replace(momentum=0.5)) is None


def test_an_answer_that_never_came_is_none_and_can_be_asked_again(home: Path) -> None:
    path = rate.path_of(CONFIG)
    path.parent.mkdir()
    rate.write(path, share=0.5)
    assert rate.read(CONFIG) is not None
    os.utime(path, (0, 0))
    assert rate.read(CONFIG) is None
    for damaged in (b"", b"{", b'{"share": 5}', b'{"points": [[NaN, 1, 1]]}'):
        path.write_bytes(damaged)
        assert rate.read(CONFIG) is None


def test_what_is_wrong_is_a_sentence_in_the_terminal_and_in_the_file(home: Path, capsys: Output) -> None:
    path = rate.path_of(CONFIG)
    path.parent.mkdir()
    assert app.main(["tune", "rate", "--updates", "3", "--output", str(path)]) == 2
    assert "from 50 to 5,000" in capsys.readouterr().err
    found = rate.read(CONFIG)
    assert found is not None and "from 50 to 5,000" in found.error
    assert app.main(["tune", "rate", "--preset", "nope"]) == 2
    assert "preset must be one of" in capsys.readouterr().err
