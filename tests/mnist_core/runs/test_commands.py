"""control.json: no command is lost, whoever writes and whatever is damaged."""

import json
import threading

import pytest

from mnist_core.jobs import steering
from mnist_core.jobs.trainer.command_handler import CommandHandler
from mnist_core.runs import commands, store
from tests.support.steered_runs import CONFIG

pytestmark = pytest.mark.usefixtures("tiny")


def test_no_command_is_lost_when_many_ask_at_once() -> None:
    run = store.create(CONFIG)
    threads = [threading.Thread(target=steering.step, args=(run, n)) for n in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waiting = commands.pending(run)
    assert [command.serial for command in waiting] == list(range(1, 21))
    assert sorted(command.steps for command in waiting) == list(range(1, 21))


def test_handled_commands_leave_the_list_and_numbers_go_on() -> None:
    run = store.create(CONFIG)
    for _ in range(3):
        steering.pause(run)
    store.write_status(run, run.status().model_copy(update={"commands_handled": 2}))
    assert steering.unpause(run) == 4
    assert [(command.serial, command.name) for command in commands.pending(run)] == [(3, "pause"), (4, "unpause")]
    store.write_status(run, run.status().model_copy(update={"commands_handled": 4}))
    assert steering.pause(run) == 5


@pytest.mark.parametrize("content", [b"", b"[]", b'{"stop": true, "at": 99}', b'{"wishes": [{"serial": 1}]}', b"\xff"])
def test_damaged_control_file_is_no_command_and_is_mended_by_the_next(content: bytes) -> None:
    run = store.create(CONFIG)
    (run.path / "control.json").write_bytes(content)
    assert commands.pending(run) == []
    assert not CommandHandler(run).is_asked_to_stop(0)
    assert steering.pause(run) == 1
    assert json.loads((run.path / "control.json").read_text())["wishes"][0]["wish"] == "pause"
