"""Turns: one run trains at a time, and the others wait in the order they were queued."""

from types import TracebackType

from filelock import FileLock, Timeout

from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.store import queue


class Turn:
    """A run's hold on the one place in which a run trains; `at_once` needs none, and waits for nobody."""

    def __init__(self, run: Run, at_once: bool) -> None:
        self.run = run
        self.at_once = at_once
        self._place = FileLock(store.runs_folder() / ".training.lock")  # the system frees it when its holder dies

    @property
    def is_held(self) -> bool:
        """Whether the run may train at full speed."""
        return self.at_once or self._place.is_locked

    def take(self) -> bool:
        """Take the place if it is free and nobody has waited longer; False where the run has to wait on."""
        if self.is_held:
            return True
        try:
            self._place.acquire(timeout=0)
        except Timeout:
            return False
        if self.run in queue()[1:]:
            self.give_up()
            return False
        return True

    def give_up(self) -> None:
        """Let the next one train."""
        self._place.release()

    def __enter__(self) -> "Turn":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_up()
