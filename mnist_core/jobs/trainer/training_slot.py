"""The training slot: one run trains at a time, and the others wait in the order they were queued."""

from types import TracebackType

from filelock import FileLock, Timeout

from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.store import queue


class TrainingSlot:
    """A run's hold on the one slot; `at_once` trains without it, and waits for nobody."""

    def __init__(self, run: Run, at_once: bool) -> None:
        self.run = run
        self.at_once = at_once
        self._lock = FileLock(store.runs_folder() / ".training.lock")  # the system frees it when its holder dies

    @property
    def is_held(self) -> bool:
        """Whether the run may train at full speed."""
        return self.at_once or self._lock.is_locked

    def acquire(self) -> bool:
        """Take the slot if it is free and nobody has waited longer; False where the run has to wait on."""
        if self.is_held:
            return True
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        if self.run in queue()[1:]:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Release the slot."""
        self._lock.release()

    def __enter__(self) -> "TrainingSlot":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
