"""Blocks shared out among threads: each done once, whoever is awake, with more threads than there are cores."""

import time

import pytest
import torch

from mnist_core.training.kernels import thread_pool
from mnist_core.training.kernels.ir_builder import Compiled
from mnist_core.training.kernels.thread_pool import CODE, ThreadPool

# Adds 1 to the block's place in the first array, and the thread's own first number (of its scratch) to the second's.
COUNT = """
define void @count(ptr %addresses, i64 %block, ptr %scratch) {
  %counts = load ptr, ptr %addresses
  %count = getelementptr i64, ptr %counts, i64 %block
  %before = atomicrmw add ptr %count, i64 1 monotonic
  %next = getelementptr i64, ptr %addresses, i64 1
  %sums = load ptr, ptr %next
  %sum = getelementptr float, ptr %sums, i64 %block
  %old = load float, ptr %sum
  %more = fadd float %old, 1.0
  store float %more, ptr %sum
  store float %more, ptr %scratch
  ret void
}
"""


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_each_block_is_done_once(threads: int) -> None:
    pool = ThreadPool(Compiled(COUNT + CODE), threads, scratch=3)
    counts, sums = torch.zeros(100, dtype=torch.int64), torch.zeros(100)
    expected = torch.zeros(100, dtype=torch.int64)
    for turn in range(3000):
        blocks = turn % 100 + 1
        expected[:blocks] += 1
        pool.parallel_for("count", blocks, [counts, sums])
        assert counts[blocks - 1] == expected[blocks - 1]  # all are done when it returns
    assert torch.equal(counts, expected)
    assert torch.equal(sums, expected.float())


# Waits until the number in the first array is 0, from which every block takes 1: all blocks have to be begun.
MEET = """
define void @meet(ptr %addresses, i64 %block, ptr %scratch) {
start:
  %missing = load ptr, ptr %addresses
  %before = atomicrmw sub ptr %missing, i64 1 acq_rel
  br label %look
look:
  %left = load atomic i64, ptr %missing acquire, align 8
  %all = icmp eq i64 %left, 0
  br i1 %all, label %end, label %look
end:
  ret void
}
"""


def test_helpers_that_fell_asleep_are_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_pool, "BACK_OFF_SECONDS", (0.0, 0.0))  # a busy machine leaves no helper asleep
    pool = ThreadPool(Compiled(COUNT + MEET + CODE), 3, scratch=1)
    pool.parallel_for("count", 9, [torch.zeros(9, dtype=torch.int64), torch.zeros(9)])
    deadline = time.monotonic() + 60
    while any(helper.is_awake for helper in pool._helpers):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    monkeypatch.setattr(thread_pool, "SPINS", 100_000_000)  # a second or so: none falls asleep before there is work
    pool.parallel_for("meet", 3, [torch.tensor(3)])  # comes back when three threads are there


def test_a_pool_that_is_preempted_works_alone_for_longer_and_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("mnist_core.training.kernels.thread_pool.time.perf_counter", lambda: clock[0])
    pool = ThreadPool(Compiled(COUNT + CODE), 1, scratch=1)
    pauses = []
    for pause in (0.0, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 5.0, 0.2):  # after the end of the last pause
        clock[0] = max(pool._alone_until, clock[0]) + pause
        pool._back_off()
        pauses.append(round(pool._alone_until - clock[0], 6))
    assert pauses == [0.1, 0.2, 0.4, 0.8, 0.8, 0.8, 0.8, 0.1, 0.1]
