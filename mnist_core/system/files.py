"""Where state lives, and how files are replaced so that a reader never sees half of one."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from mnist_core.errors import DiskError

PACKAGE = Path(__file__).resolve().parents[1]
BUNDLE = PACKAGE / "_bundle"  # only in an installed package: pages, data archives, shipped run (see pyproject.toml)
# What lies beside the package in a clone, and inside it where it was installed. It may not be writable.
REPOSITORY = BUNDLE if BUNDLE.is_dir() else PACKAGE.parent


def home() -> Path:
    """The folder that holds all state (`data/`, `runs/`, `drawings/`); it may not exist yet.

    `MNIST_HOME`, or else the clone, or for an installed package the platform's folder for a user's data.
    """
    if told := os.environ.get("MNIST_HOME"):
        return Path(told).expanduser().resolve()
    if REPOSITORY != BUNDLE:
        return REPOSITORY
    from platformdirs import user_data_path

    return user_data_path("mnist-lab", appauthor=False)


def cannot_write(path: Path, error: OSError) -> DiskError:
    """The sentence for a file or folder that cannot be written."""
    return DiskError(
        f"Cannot write to {path} ({error.strerror or error}): "
        "free some space there, or set MNIST_HOME to a folder you can write to."
    )


def make_folder(path: Path) -> Path:
    """Create the folder and its parents, and return it.

    Raises FailedError where that is not allowed.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step: a reader sees the old file or the new one.

    Raises FailedError when the disk refuses; the old file is then still there.
    """
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # temporary files start as 0600
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def write_json(path: Path, value: Any) -> None:
    """Replace `path` atomically by `value` as JSON."""
    write_atomically(path, (json.dumps(value, indent=1) + "\n").encode())


def read_json(path: Path) -> Any:
    """The JSON value in `path`, or None where the file is missing or damaged."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def read_json_lines(path: Path, offset: int = 0) -> tuple[list[Any], int]:
    """The whole lines of `path` from byte `offset` on, and the offset to read on from.

    A torn last line (its writer is at work, or was killed) is left for the next call.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            content = file.read()
    except OSError:
        return [], offset
    whole = content[: content.rfind(b"\n") + 1]
    rows = []
    for line in whole.splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:  # a line damaged on disk costs that line, not the file
            continue
    return rows, offset + len(whole)


def is_locked(lock: FileLock) -> bool:
    """Whether some process holds the lock."""
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # nobody works in a folder that cannot be written
        return False
