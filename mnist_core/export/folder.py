"""A folder that is there whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mnist_core.errors import RequestError
from mnist_core.system.files import cannot_write, keep_names, make_folder


def refuse_full(folder: Path) -> None:
    """Raises RequestError where something is there already: an empty folder is nothing."""
    try:
        if os.path.lexists(folder) and not folder.is_dir():
            raise RequestError(f"{folder} is a file: name a folder that is not there yet.")
        if os.path.lexists(folder) and any(folder.iterdir()):
            raise RequestError(f"{folder} is there already and not empty: name a folder that is not there yet.")
    except OSError as error:
        raise cannot_write(folder, error) from error


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder`, which becomes it when the block has ended well, and else is removed.

    Raises RequestError as `refuse_full`, DiskError where the disk refuses.
    """
    refuse_full(folder)
    folder = Path(os.path.abspath(folder))  # noqa: PTH100  # "." has no name, and a link stays one
    temporary = make_folder(folder.parent) / f".{folder.name}.{secrets.token_hex(4)}"
    try:
        temporary.mkdir()
        yield temporary
        with suppress(FileNotFoundError):
            folder.rmdir()
        temporary.rename(folder)
        keep_names(folder.parent)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
