"""Where state lives, and how files are replaced so that a reader never sees half of one."""

import errno
import json
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any

from filelock import AcquireReturnProxy, FileLock, Timeout

from mnist_core.errors import DiskError, RequestError

MAX_JSON = 10_000_000  # bytes of a JSON file that is read; a run's have some thousand, a map of the digits 200,000
MAX_LINES, MAX_LINE = 1 << 30, 1 << 16  # bytes of a file of JSON lines, and of a line; a row has some hundred
_TEMPORARY = re.compile(r"\.(.+)\.[a-z0-9_]{8}")
PACKAGE = Path(__file__).resolve().parents[1]
BUNDLE = PACKAGE / "_bundle"  # only in an installed package: pages, data archives, shipped run (see pyproject.toml)
# What lies beside the package in a clone, and inside it where it was installed. It may not be writable.
REPOSITORY = BUNDLE if BUNDLE.is_dir() else PACKAGE.parent


def home() -> Path:
    """The folder that holds all state (`data/`, `runs/`, `drawings/`); it may not exist yet.

    `MNIST_HOME`, or else the clone, or for an installed package the platform's folder for a user's data.

    Raises RequestError where MNIST_HOME cannot be a folder.
    """
    if told := os.environ.get("MNIST_HOME"):
        try:
            return Path(told).expanduser().resolve()
        except (RuntimeError, OSError, ValueError) as error:  # the home of nobody; a link that leads to itself
            raise RequestError(f"MNIST_HOME is {told!a}, which is no folder ({error}): set it to one.") from error
    if REPOSITORY != BUNDLE:
        return REPOSITORY
    from platformdirs import user_data_path

    return user_data_path("mnist-lab", appauthor=False)


def cannot_write(path: Path, error: OSError) -> DiskError:
    """The sentence for a file or folder that cannot be written."""
    if home().absolute() in (path.absolute(), *path.absolute().parents):
        way_out = "free some space there, or set MNIST_HOME to a folder you can write to"
    elif error.errno in (errno.ENOTDIR, errno.ENAMETOOLONG, errno.EISDIR):
        way_out = "name another place"
    else:
        way_out = "free some space there, or name a place you can write to"
    return DiskError(f"Cannot write to {path} ({error.strerror or error}): {way_out}.")


def cannot_read(path: Path, error: OSError) -> DiskError:
    """The sentence for a file or folder that cannot be read."""
    return DiskError(
        f"Cannot read {path} ({error.strerror or error}): check that it is there, its rights and its disk."
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


def write_atomically(path: Path, content: bytes, keep: bool = True) -> None:
    """Replace `path` by `content` in one step: a reader sees the old file or the new one.

    `keep`: a power cut finds the new file too; whoever writes many calls `keep_names` once, at the end.

    Raises FailedError when the disk refuses; the old file is then still there.
    """
    temporary = None
    try:
        named = path.with_name(f".{path.name}.{secrets.token_hex(4)}")  # `leftovers` finds it by this form
        with named.open("xb") as file:  # its rights are those that the umask leaves
            temporary = named
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        if keep:
            keep_names(path.parent)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def keep_names(folder: Path) -> None:
    """Let a power cut find the new names in `folder`: without this the old files may be back under them."""
    if os.name == "posix":
        with suppress(OSError):  # some file systems know no such thing
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def quick_stat(path: str) -> os.stat_result | None:
    """What the system says of a file; None where there is none. For who asks of ten thousand: Path takes three times
    as long."""
    try:
        return os.stat(path)  # noqa: PTH116
    except OSError:
        return None


def leftovers(folder: Path) -> list[tuple[Path, str]]:
    """The temporary files that killed writers left in `folder`, each with the name of what it was to become."""
    found = ((path, _TEMPORARY.fullmatch(path.name)) for path in folder.glob(".*"))
    return [(path, match[1]) for path, match in found if match]


def write_json(path: Path, value: Any) -> None:
    """Replace `path` atomically by `value` as JSON."""
    write_atomically(path, (json.dumps(value, indent=1) + "\n").encode())


def load_bytes(path: Path, most: int = MAX_JSON) -> bytes:
    """The content of a file. Raises ValueError, a reason such as "is missing", where it cannot be had.

    Nothing but a plain file of at most `most` bytes is opened: a pipe would never end.
    """
    try:
        stat = path.stat()
        if not S_ISREG(stat.st_mode):
            raise ValueError("is no file")
        if stat.st_size > most:
            raise ValueError(f"is damaged: it has {stat.st_size:,} bytes, more than {most:,}")
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError as error:
        raise ValueError("is missing") from error
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error


def load_json(path: Path, most: int = MAX_JSON) -> Any:
    """The JSON value in `path`. Raises ValueError as `load_bytes`, and where it is no JSON (NaN is none)."""
    content = load_bytes(path, most)
    try:
        return parse_json(content)
    except ValueError as error:
        raise ValueError("is damaged: it is no JSON") from error


def parse_json(content: bytes) -> Any:
    """The JSON value in `content`. Raises ValueError where it is none: also for NaN, and for one nested too deep."""
    try:
        return json.loads(content, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def read_json(path: Path) -> Any:
    """The JSON value in `path`, or None where the file is missing or damaged."""
    try:
        return load_json(path)
    except ValueError:
        return None


def read_json_lines(path: Path, offset: int = 0, only: bytes = b"") -> tuple[list[Any], int]:
    """The whole lines of `path` from byte `offset` on that hold `only`, and the offset to read on from.

    A torn last line (its writer is at work, or was killed) is left for the next call. At most `MAX_LINES` bytes are
    read at a time.
    """
    try:
        if not S_ISREG(path.stat().st_mode):
            return [], offset
        with path.open("rb") as file:
            file.seek(offset)
            content = file.read(MAX_LINES)
    except OSError:
        return [], offset
    whole = content[: content.rfind(b"\n") + 1]
    rows = []
    for line in whole.splitlines():
        try:
            if only in line and len(line) <= MAX_LINE:
                rows.append(json.loads(line))
        except (ValueError, RecursionError):  # a line damaged on disk costs that line, not the file
            continue
    return rows, offset + len(whole)


class FolderLock(FileLock):
    """A lock file in a folder that is there: FileLock would create the folder, and so bring back a deleted run's.

    Acquiring it raises FileNotFoundError where the folder is not there.
    """

    def acquire(self, *arguments: Any, **options: Any) -> AcquireReturnProxy:
        """As FileLock's."""
        folder = Path(self.lock_file).parent
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        return super().acquire(*arguments, **options)


def is_locked(lock: FileLock) -> bool:
    """Whether some process holds the lock."""
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # nobody works in a folder that cannot be written, or is not there
        return False
