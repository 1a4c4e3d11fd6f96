"""A file that is there whole or not at all, and takes the place of none."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_core.errors import RequestError
from mnist_core.system.files import cannot_write, keep_names, make_folder, write_atomically


def refuse_existing(path: Path) -> None:
    """Raises RequestError where something is there already, of whatever kind."""
    if os.path.lexists(path):
        raise RequestError(f"{path} is there already: name a file that is not there yet.")


def write_new(path: Path, content: bytes) -> None:
    """Write a file, and the folders that lead to it. Raises RequestError as `refuse_existing`, DiskError."""
    refuse_existing(path)
    make_folder(path.parent)
    write_atomically(path, content)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A name beside `path`; the file written there becomes it when the block has ended well, and else is removed.

    Raises RequestError as `refuse_existing`, DiskError where the disk refuses.
    """
    refuse_existing(path)
    temporary = make_folder(path.parent) / f".{path.name}.{secrets.token_hex(4)}"
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        refuse_existing(path)
        temporary.replace(path)
        keep_names(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)
