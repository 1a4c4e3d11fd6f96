"""The journal file of a sweep on one machine, with a lock that the system frees when its holder is killed."""

from pathlib import Path

from optuna.exceptions import OptunaError
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock, JournalStorage

from mnist_core.errors import DamagedError
from mnist_core.system.files import FolderLock

_MALFORMED = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    AssertionError,
    OverflowError,
    RecursionError,
)


class _KernelLock(JournalFileOpenLock):
    """Optuna's own lock files stay behind when their holder is killed (optuna #5921); this lock does not.

    Whoever takes it first mends the file: half a line, which a writer left that was killed or found the disk full,
    would spoil the line after it (optuna #5138). Nobody was told that it was written.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        self._held = FolderLock(path.with_name(f"{path.name}.lock"))

    def acquire(self) -> bool:
        """Wait for the lock, and mend the file."""
        self._held.acquire()
        try:
            _drop_torn_line(self._path)
        except BaseException:
            self._held.release()
            raise
        return True

    def release(self) -> None:
        """Release the lock."""
        self._held.release()


class Journal(JournalStorage):
    """Optuna's, which takes every line as it comes; here a line that is none of it is a damaged file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_damaged = False  # what was read until the damage is not to be read on from
        super().__init__(JournalFileBackend(str(path), lock_obj=_KernelLock(path)))

    def _sync_with_backend(self) -> None:
        try:
            super()._sync_with_backend()
        except OptunaError:  # what this process has asked for is refused: the trial has ended, the name is taken
            raise
        except _MALFORMED as error:
            self.is_damaged = True
            raise DamagedError(
                f"{self._path} is damaged: put a copy back, or move the folder of this sweep away; its runs are kept."
            ) from error


def opened(path: Path) -> Journal:
    """The storage in the journal file `path`, created where it is missing. Raises DamagedError where it is none."""
    return Journal(path)


def _drop_torn_line(path: Path) -> None:
    """Cut the file back to its last whole line."""
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb+") as file:
        file.seek(-1, 2)
        if file.read(1) == b"\n":
            return
        size = file.tell()
        while size:
            begin = max(size - 65536, 0)
            file.seek(begin)
            place = file.read(size - begin).rfind(b"\n")
            if place >= 0:
                file.truncate(begin + place + 1)
                return
            size = begin
        file.truncate(0)
