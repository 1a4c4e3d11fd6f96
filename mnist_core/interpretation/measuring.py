"""Asks changed networks about the 10,000 test digits, beside the script runs, and tells how far it is.

A process of its own would need two seconds to import torch before its first answer, and viewers may start none. So it
is one thread of this server, for all sessions: PyTorch computes without Python's lock, and on Linux the thread gives
way to everything else (a training, a click). It keeps only what a page has looked at a moment ago at work, a batch of
each in turn: what was undone stops at once. Nothing is written.
"""

import contextlib
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.interpretation.ablation import answers_by_batch
from mnist_core.runs.analyses import NICENESS
from mnist_core.system.trouble import as_sentence

if TYPE_CHECKING:
    import torch

LEFT_SECONDS = 1.0  # a page looks several times a second at what it waits for
MOST_KEPT = 30  # measurements: 0.4 MB each, and a network


class Measurement:
    """A changed network, and what it says to the test digits as far as it has been asked."""

    def __init__(self, network: "torch.nn.Module", images: np.ndarray, batch_size: int) -> None:
        """`images` is uint8 (n, 28, 28)."""
        self.network = network
        self.error: str | None = None
        self._n = len(images)
        self._parts: list[np.ndarray] = []
        self._batches: Iterator[np.ndarray] = answers_by_batch(network, images, batch_size)
        self.looked_at = time.monotonic()
        self.asked_at = 0.0

    @property
    def answers(self) -> np.ndarray:
        """Log-probabilities float32 (m, 10) for the first m digits."""
        parts = list(self._parts)
        return np.concatenate(parts) if parts else np.empty((0, 10), np.float32)

    @property
    def is_done(self) -> bool:
        """Whether there is nothing more to come."""
        return self.error is not None or sum(map(len, self._parts)) >= self._n

    def ask(self) -> None:
        """One batch more; an error with a message for a person is kept."""
        self.asked_at = time.monotonic()
        try:
            self._parts.append(next(self._batches))
        except Exception as error:
            if (sentence := as_sentence(error)) is None:
                self.error = f"Unexpected {type(error).__name__}: undo the last change."
                raise
            self.error = str(sentence)


class Measurer:
    """The measurements of a server, each found again by what it is of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Measurement] = OrderedDict()
        self._thread: threading.Thread | None = None

    def look(self, of: Hashable, begin: Callable[[], Measurement]) -> Measurement:
        """The measurement of this, begun if there is none, and gone on with while somebody looks."""
        with self._lock:
            found = self._kept.get(of)
        found = found or begin()
        with self._lock:
            found = self._kept.setdefault(of, found)
            self._kept.move_to_end(of)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            found.looked_at = time.monotonic()
            if not found.is_done and self._thread is None:
                # No daemon: the server's end waits for it, which is a batch after the last look.
                self._thread = threading.Thread(target=self._work, name="measuring")
                self._thread.start()
        return found

    def _work(self) -> None:
        if sys.platform == "linux":  # elsewhere threads have no niceness
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            while (wanted := self._next()) is not None:
                wanted.ask()
        except BaseException:
            with self._lock:
                self._thread = None
            raise

    def _next(self) -> Measurement | None:
        """Of those that somebody waits for, the one that has waited longest; else the thread's end."""
        with self._lock:
            alive = time.monotonic() - LEFT_SECONDS
            waiting = [each for each in self._kept.values() if not each.is_done and each.looked_at > alive]
            if not waiting:
                self._thread = None
            return min(waiting, key=lambda each: each.asked_at, default=None)


MEASURER = Measurer()
