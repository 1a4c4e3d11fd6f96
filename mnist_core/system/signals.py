"""Ctrl-C and SIGTERM, noted."""

import signal
from types import FrameType, TracebackType


class Interruption:
    """While entered: the first signal is noted, for the training to end in order; a second one ends it at once."""

    noted = False

    def __enter__(self) -> "Interruption":
        self._earlier = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.noted:
            raise KeyboardInterrupt
        self.noted = True
