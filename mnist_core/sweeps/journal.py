"""The journal file of a sweep on one machine, with a lock that the system frees when its holder is killed."""

from pathlib import Path

from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock, JournalStorage

from mnist_core.system.files import FolderLock


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


def opened(path: Path) -> JournalStorage:
    """The storage in the journal file `path`, created where it is missing."""
    return JournalStorage(JournalFileBackend(str(path), lock_obj=_KernelLock(path)))


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
