"""A thread pool with a `parallel_for` over the blocks of a batch, called thousands of times a second.

A job is a compiled function (ir_builder.py) that is called once for each block. A free thread takes the next block, so
a thread that the system preempts delays the others by one block at most. An idle helper spins for some 1.5 ms before it
sleeps: waking a thread takes longer than its part of a small batch, on a virtual machine far longer.
"""

import ctypes
import platform
import threading
import time
from collections.abc import Sequence

import torch
from torch import Tensor

from mnist_core.training.kernels.ir_builder import Compiled

SPINS = 100_000  # about 1.5 ms: before an idle helper sleeps, and before a late block counts as preempted
BACK_OFF_SECONDS = 0.1, 0.8  # how long the first thread then works alone: at first, and at most
SLEEP_SECONDS = 1e-4  # between two looks for a preempted block
LEFT, DONE, JOB, ARGUMENTS, SIZE = (
    0,
    8,
    16,
    24,
    64,
)  # in 8 bytes; each polled one has a cache line

_PAUSE = {"x86_64": "pause", "AMD64": "pause", "aarch64": "isb", "arm64": "isb"}.get(platform.machine(), "")

# What the threads do, as LLVM assembly, which has atomic operations.
CODE = f"""
; Run blocks, the last first, until none is left. The job and its arguments are stored before the number of blocks.
define void @take(ptr %board, ptr %scratch) {{
start:
  br label %again
again:
  %left = load atomic i64, ptr %board acquire, align 8
  %some = icmp sgt i64 %left, 0
  br i1 %some, label %claim, label %none
claim:
  %block = sub i64 %left, 1
  %swap = cmpxchg ptr %board, i64 %left, i64 %block acquire monotonic
  %mine = extractvalue {{ i64, i1 }} %swap, 1
  br i1 %mine, label %work, label %again
work:
  %at = getelementptr i64, ptr %board, i64 {JOB}
  %job = load ptr, ptr %at
  %arguments = getelementptr i64, ptr %board, i64 {ARGUMENTS}
  call void %job(ptr %arguments, i64 %block, ptr %scratch)
  %done = getelementptr i64, ptr %board, i64 {DONE}
  %before = atomicrmw add ptr %done, i64 1 release
  br label %again
none:
  ret void
}}

; Run blocks; return after so many spins without one.
define void @help(ptr %board, ptr %scratch, i64 %spins) {{
start:
  br label %look
look:
  %looks = phi i64 [ 0, %start ], [ 0, %work ], [ %more, %wait ]
  %left = load atomic i64, ptr %board acquire, align 8
  %some = icmp sgt i64 %left, 0
  br i1 %some, label %work, label %wait
work:
  call void @take(ptr %board, ptr %scratch)
  br label %look
wait:
  call void asm sideeffect "{_PAUSE}", ""()
  %more = add i64 %looks, 1
  %patient = icmp slt i64 %more, %spins
  br i1 %patient, label %look, label %sleep
sleep:
  ret void
}}

; Publish so many blocks, run some, and wait until all are done, or for so many spins.
define void @lead(ptr %board, ptr %scratch, i64 %blocks, i64 %spins) {{
start:
  %done = getelementptr i64, ptr %board, i64 {DONE}
  store atomic i64 0, ptr %done monotonic, align 8
  store atomic i64 %blocks, ptr %board release, align 8
  call void @take(ptr %board, ptr %scratch)
  br label %look
look:
  %looks = phi i64 [ 0, %start ], [ %more, %wait ]
  %finished = load atomic i64, ptr %done acquire, align 8
  %all = icmp eq i64 %finished, %blocks
  br i1 %all, label %end, label %wait
wait:
  call void asm sideeffect "{_PAUSE}", ""()
  %more = add i64 %looks, 1
  %patient = icmp slt i64 %more, %spins
  br i1 %patient, label %look, label %end
end:
  ret void
}}
"""


class ThreadPool:
    """The thread that calls `parallel_for`, and `threads` - 1 helpers, which live as long as the process."""

    def __init__(self, compiled: Compiled, threads: int, scratch: int) -> None:
        """`compiled` holds `CODE` and the jobs; each thread has `scratch` floats for itself."""
        self.in_use = threads  # fewer while other programs want the processors: what is computed stays the same
        self._compiled = compiled
        self._board = torch.zeros(SIZE, dtype=torch.int64)
        self._own, *others = torch.empty(threads, -(-scratch // 16) * 16)
        self._helpers = [_Helper(compiled, self._board, scratch) for scratch in others]
        self._lock = threading.Lock()
        self._pause, self._alone_until = BACK_OFF_SECONDS[0], 0.0

    def parallel_for(self, job: str, blocks: int, arrays: Sequence[Tensor]) -> None:
        """Call the job for every block from 0; returns when all are done. It gets the arrays' addresses, in order."""
        board = (ctypes.c_int64 * SIZE).from_address(self._board.data_ptr())
        with self._lock:
            board[JOB] = self._compiled.addresses[job]
            for place, array in enumerate(arrays, ARGUMENTS):
                board[place] = array.data_ptr()
            if time.perf_counter() > self._alone_until:
                for helper in self._helpers[: min(blocks, self.in_use) - 1]:
                    helper.wake()
            board[DONE] = blocks  # an interruption before `lead` puts them on the board leaves nothing to wait for
            try:
                self._compiled.functions["lead"](self._board.data_ptr(), self._own.data_ptr(), blocks, SPINS)
            finally:
                if board[DONE] < blocks:
                    self._back_off()
                while board[DONE] < blocks:
                    time.sleep(SLEEP_SECONDS)

    def _back_off(self) -> None:
        """A helper was preempted inside a block: for a while, use no helpers.

        For twice as long where this comes soon after the last time: then another program is using the cores.
        """
        now = time.perf_counter()
        if now < self._alone_until:
            return  # one that had not fallen asleep yet
        shortest, longest = BACK_OFF_SECONDS
        again = now < self._alone_until + self._pause / 2
        self._pause = min(2 * self._pause, longest) if again else shortest
        self._alone_until = now + self._pause


class _Helper:
    def __init__(self, compiled: Compiled, board: Tensor, scratch: Tensor) -> None:
        self._uses = compiled, board, scratch  # as long as the thread does
        self.is_awake = False
        self._woken = threading.Semaphore(0)
        threading.Thread(target=self._run, daemon=True).start()

    def wake(self) -> None:
        if not self.is_awake:  # one that falls asleep just now misses a batch, nothing more
            self.is_awake = True
            self._woken.release()

    def _run(self) -> None:
        compiled, board, scratch = self._uses
        while True:
            self._woken.acquire()
            compiled.functions["help"](board.data_ptr(), scratch.data_ptr(), SPINS)
            self.is_awake = False
