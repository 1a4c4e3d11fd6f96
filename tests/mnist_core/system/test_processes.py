"""Processes that are started and end."""

import subprocess

import psutil

from mnist_core.system.processes import identity, is_running, spawn
from tests.conftest import wait_until


def test_one_that_has_ended_leaves_no_zombie_though_nobody_asks_for_it() -> None:
    its_id = spawn("this_module_is_not_there", stdin=subprocess.DEVNULL).pid
    wait_until(lambda: not psutil.pid_exists(its_id), "the end of the process, also in the system's table")


def test_a_process_is_known_by_its_id_and_its_start() -> None:
    itself = identity()
    assert is_running(int(itself["pid"]), itself["process_started"])
    assert not is_running(int(itself["pid"]), itself["process_started"] + 60)
