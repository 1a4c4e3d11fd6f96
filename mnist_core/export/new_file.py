"""A file that is there whole or not at all, and takes the place of none."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_core.errors import RequestError
from mnist_core.system.files import cannot_write, keep_names, make_folder, write_atomically

MOST_BYTES = 200  # of a name: file systems take 255, and the temporary file beside it has a longer one


def refuse_existing(path: Path) -> None:
    """Raises RequestError where something is there already, of whatever kind, or no file can be there."""
    if not path.name:
        raise RequestError("Name a new file to write to.")
    above = next((folder for folder in path.absolute().parents if os.path.lexists(folder)), None)
    if above is not None and not above.is_dir():
        raise RequestError(f"{above} is no folder: name a place in one.")
    if len(os.fsencode(path.name)) > MOST_BYTES:
        raise RequestError(f"A name of at most {MOST_BYTES} bytes is needed: choose a shorter one.")
    if os.path.lexists(path):
        raise RequestError(f"{path} is there already: name a file that is not there yet.")


def refuse(path: Path, ending: str) -> None:
    """Raises RequestError as `refuse_existing`, and where the name does not end in `ending`."""
    if path.name and path.suffix != ending:
        raise RequestError(f"{path} must end in {ending}: for example {path.with_suffix('').name or 'mnist'}{ending}.")
    refuse_existing(path)


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
