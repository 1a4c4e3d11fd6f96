"""As many threads as other programs leave processors for, where nobody has said how many.

Threads wait for one another hundreds of times in an update. Where another program keeps one of two cores busy, each
wait lasts until it lets go: an epoch of `mlp` took 1.75 s with one thread, 5.2 to 6.2 s with two, and 3.1 s with two
that do not spin; of `fast` 3.2 and 11 s (two cores of an Intel Xeon, n = 2 or 3 each).

The last bits of the weights depend on the number of threads: a change is an event of the run, which `verify` repeats.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mnist_core.system.hardware import OtherPrograms

WINDOW_SECONDS = 1.0  # what others do is averaged over
WINDOWS = 2  # in so many windows, one after the other, they must have kept a processor busy: a page change is no reason
YIELD_ABOVE, TAKE_BACK_BELOW = 0.7, 0.5  # of a processor; a person who watches the training costs some 0.3


class Threads:
    """The number of threads that a training computes with, up to `most`; `now` to begin with."""

    def __init__(self, most: int, now: int, use: Callable[[int], None]) -> None:
        """`use` is called with each new number, and with the first."""
        self.most = most
        self.now = now
        self._use = use
        self._others = OtherPrograms()
        self._crowded = 0  # windows
        use(now)

    @classmethod
    def after(cls, events: Iterable[Mapping[str, Any]], most: int, use: Callable[[int], None]) -> "Threads":
        """To go on as a run did at the end of these events (`Run.events`)."""
        earlier = [event["threads"] for event in events if event["event"] == "threads"]
        return cls(most, min(earlier[-1], most) if earlier else most, use)

    def adapt(self) -> bool:
        """Look at what others do, once a second; whether `now` is another number since."""
        if self.most == 1 or (busy := self._others.busy(WINDOW_SECONDS)) is None:
            return False
        free = (os.cpu_count() or 1) - busy
        fewer, more = (max(min(int(free + part), self.most), 1) for part in (YIELD_ABOVE, TAKE_BACK_BELOW))
        self._crowded = self._crowded + 1 if fewer < self.now else 0
        before = self.now
        if self._crowded >= WINDOWS:
            self.now = fewer
        elif more > self.now:
            self.now = more
        if self.now != before:
            self._use(self.now)
        return self.now != before
