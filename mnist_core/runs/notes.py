"""What a person writes about a run, beside what its trainer writes: a name and a note, in notes.json."""

from filelock import FileLock, Timeout

from mnist_core.errors import FailedError, RequestError
from mnist_core.runs.run import Run
from mnist_core.runs.store import refuse_shipped
from mnist_core.system.files import cannot_write, write_json

MAX_NAME, MAX_NOTE = 60, 2000  # characters


def rename(run: Run, name: str) -> None:
    """Give a run a name (up to 60 characters on one line); an empty one takes its name away.

    Raises RequestError where the name is too long.
    """
    name = name.strip()
    if len(name) > MAX_NAME or len(name.splitlines()) > 1:
        raise RequestError(f"A name is one line of at most {MAX_NAME} characters; this one has {len(name)}.")
    _write_notes(run, name=name)


def write_note(run: Run, text: str) -> None:
    """Keep a person's note on a run (up to 2,000 characters), instead of the one before.

    Raises RequestError where it is too long.
    """
    if len(text.strip()) > MAX_NOTE:
        raise RequestError(f"A note has at most {MAX_NOTE:,} characters; this one has {len(text.strip()):,}.")
    _write_notes(run, note=text.strip())


def _write_notes(run: Run, **changes: str) -> None:
    refuse_shipped(run)
    try:
        with FileLock(run.path / ".notes.lock").acquire(timeout=10):  # a name and a note must not lose one another
            write_json(run.path / "notes.json", run.notes() | changes)
    except Timeout as error:
        raise FailedError(f"{run.path / 'notes.json'} is locked by another process: try again.") from error
    except OSError as error:
        raise cannot_write(run.path, error) from error
