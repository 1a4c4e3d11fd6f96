"""What the machine refuses, told as a sentence: a file that cannot be read or written, or too little memory."""

import errno
import os
from pathlib import Path

from mnist_core.errors import FailedError, MnistError
from mnist_core.system.files import cannot_read, cannot_write, home

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
_NO_RIGHT = (errno.EACCES, errno.EPERM)


def as_sentence(error: BaseException, written: Path | None = None) -> MnistError | None:
    """The error as one with a message for a person; None where it is none of the machine's.

    `written` is what was being written; an error that names no file is then about that.
    """
    if isinstance(error, MnistError):
        return error
    if isinstance(error, OSError):
        return _disk_error(error, written)
    # Torch tells of missing memory, the processor's or a graphics card's, in a RuntimeError's text.
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _is_about_memory(str(error))):
        return FailedError("There is not enough memory for this: end other programs, or choose a smaller batch_size.")
    return None


def _disk_error(error: OSError, written: Path | None) -> MnistError:
    said = error.filename
    path = Path(os.fsdecode(said)) if isinstance(said, str | bytes) else written or home()
    is_write_refused = error.errno in _NO_RIGHT and (os.access(path, os.R_OK) or not os.path.lexists(path))
    if error.errno in _NO_SPACE or is_write_refused or path == written:
        return cannot_write(path, error)
    return cannot_read(path, error)


def _is_about_memory(text: str) -> bool:
    return "not enough memory" in text or "out of memory" in text
