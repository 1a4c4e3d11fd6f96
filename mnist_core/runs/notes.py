"""What a person writes about a run, beside what its trainer writes: a name and a note, in notes.json."""

from filelock import Timeout

from mnist_core.errors import FailedError
from mnist_core.runs.run import Run
from mnist_core.runs.store import refuse_change
from mnist_core.system.files import FolderLock, cannot_write, write_json
from mnist_core.system.plain_text import checked_name, checked_note


def rename(run: Run, name: str) -> None:
    """Give a run a name (`system/plain_text.py` has the rule); an empty one takes its name away.

    Raises RequestError where it is not one.
    """
    _write_notes(run, name=checked_name(name))


def write_note(run: Run, text: str) -> None:
    """Keep a person's note on a run (up to 2,000 characters), instead of the one before.

    Raises RequestError where it is too long, or not printable.
    """
    _write_notes(run, note=checked_note(text))


def _write_notes(run: Run, **changes: str) -> None:
    refuse_change(run)
    try:
        with FolderLock(run.path / ".notes.lock").acquire(timeout=10):  # a name and a note must not lose one another
            write_json(run.path / "notes.json", run.notes() | changes)
    except Timeout as error:
        raise FailedError(f"{run.path / 'notes.json'} is locked by another process: try again.") from error
    except OSError as error:
        raise cannot_write(run.path, error) from error
