"""What is wrong in the store, one sentence each with what mends it."""

from collections.abc import Iterator

from mnist_core.errors import FailedError
from mnist_core.runs import manifest, store
from mnist_core.runs.run import Run


def complaints() -> Iterator[str]:
    """About every run, and the shipped one. Nothing is changed."""
    came = store.shipped()
    for run in [*store.every(), *([came] if came else [])]:
        yield from dict.fromkeys(_of(run))


def _of(run: Run) -> Iterator[str]:
    try:
        run.record()
    except FailedError as error:
        yield str(error)
    if run.status().state == "interrupted" and not run.status().queued_at:
        yield f"{run.path / 'status.json'} is missing or damaged: resume the run, or put a copy back."
    try:
        yield from manifest.damaged(run.path)
    except FailedError as error:
        yield str(error)
