"""What a person says of a run, beside what its trainer writes: name, note, tags, and that it be kept; notes.json."""

from collections.abc import Callable, Iterable
from typing import Any

from filelock import Timeout

from mnist_core.errors import FailedError
from mnist_core.runs.run import Notes, Run
from mnist_core.runs.store import refuse_change
from mnist_core.system.files import FolderLock, cannot_write, write_json
from mnist_core.system.plain_text import checked_name, checked_note, checked_tags


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


def tag(run: Run, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Give a run tags, and take others away; one that it has, or has not, is no error.

    Raises RequestError where one breaks the rule for names, or there are too many.
    """
    added, removed = checked_tags(add), set(checked_tags(remove))
    _write_notes(run, lambda known: {"tags": checked_tags([t for t in (*known.tags, *added) if t not in removed])})


def keep(run: Run, is_kept: bool = True) -> None:
    """Have a run refuse to be deleted (`store.refuse_deletion`), or no longer."""
    _write_notes(run, keep=is_kept)


def _write_notes(run: Run, change: Callable[[Notes], dict[str, Any]] = lambda known: {}, **changes: Any) -> None:
    refuse_change(run)
    try:
        with FolderLock(run.path / ".notes.lock").acquire(timeout=10):  # a name and a tag must not lose one another
            known = run.notes()
            write_json(run.path / "notes.json", known.model_dump(exclude_unset=True) | change(known) | changes)
    except Timeout as error:
        raise FailedError(f"{run.path / 'notes.json'} is locked by another process: try again.") from error
    except OSError as error:
        raise cannot_write(run.path, error) from error
