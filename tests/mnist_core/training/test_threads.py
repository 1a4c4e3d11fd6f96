"""Threads leave to other programs the processors that these keep busy."""

import os
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch

from mnist_core.system.hardware import OtherPrograms
from mnist_core.training import threads
from mnist_core.training.threads import WINDOWS, Threads
from tests.conftest import wait_until


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("cores", "most", "busy", "numbers"),
    [
        (2, 2, [0.3] * 6, [2] * 6),  # a person who watches
        (2, 2, [1.0, 0.1] * 3, [2] * 6),  # a page change
        (2, 2, [1.0] * 4 + [0.3], [2, 1, 1, 1, 2]),
        (2, 2, [1.0, 1.0, 0.6, 0.6], [2, 1, 1, 1]),  # neither enough to yield nor little enough to take it back
        (2, 2, [9.0] * 3, [2, 1, 1]),
        (8, 8, [3.0] * 3 + [0.0], [8, 5, 5, 8]),
        (8, 4, [3.0] * 3, [4] * 3),
        (1, 1, [1.0] * 3, [1] * 3),
    ],
)
def test_they_yield_to_what_lasts_and_come_back(
    monkeypatch: pytest.MonkeyPatch, cores: int, most: int, busy: list[float], numbers: list[int]
) -> None:
    answers = iter(busy)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(OtherPrograms, "busy", lambda self, seconds: next(answers))
    chosen = Threads(most, most, torch.set_num_threads)
    seen = []
    for _ in busy:
        before = chosen.now
        assert chosen.adapt() == (chosen.now != before)
        assert torch.get_num_threads() == chosen.now
        seen.append(chosen.now)
    assert seen == numbers
    assert WINDOWS > 1


def test_a_run_goes_on_with_what_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[dict[str, Any]] = [{"event": "threads", "threads": 1}, {"event": "resumed"}]
    assert Threads.after(events, 2, torch.set_num_threads).now == torch.get_num_threads() == 1
    assert Threads.after([{"event": "resumed"}], 2, torch.set_num_threads).now == 2
    assert (
        Threads.after([{"event": "threads", "threads": 8}], 2, torch.set_num_threads).now == 2
    )  # begun on another machine


def test_a_real_program_on_every_processor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "WINDOW_SECONDS", 0.2)
    chosen = Threads(2, 2, torch.set_num_threads)
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(loop.kill)
        wait_until(lambda: chosen.adapt() and chosen.now == 1, "one thread")


def test_neither_this_process_nor_an_idle_processor_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Linux tells the seconds: `guest` is in `user` already."""
    clock = iter((0.0, 1.0, 4.0, 4.0))
    kinds = namedtuple("kinds", "user nice system idle iowait irq softirq steal guest guest_nice")
    machine = iter((kinds(100, 5, 10, 50, 5, 1, 1, 0, 3, 0), kinds(107, 6, 11, 52, 7, 1, 1, 1, 4, 0)))
    own = iter((SimpleNamespace(user=20.0, system=1.0), SimpleNamespace(user=25.0, system=2.0)))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(psutil, "cpu_times", lambda: next(machine))
    monkeypatch.setattr(psutil.Process, "cpu_times", lambda self: next(own))
    others = OtherPrograms()
    assert others.busy(2) is None
    assert others.busy(2) == pytest.approx((7 + 1 + 1 + 1 + 1 - 1 - 5 - 1) / 4)
