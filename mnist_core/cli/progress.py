"""The command line's progress bar: on standard error, and only where that is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from mnist_core.runs.records import Status


def _text(template: str) -> TextColumn:
    return TextColumn(template, markup=False)


@contextmanager
def training_bar() -> Iterator[Callable[[Status, int], None]]:
    """A bar over the samples of a training; the function it yields takes each new status and the samples in all."""
    console = Console(stderr=True)
    columns = (
        _text("{task.description}"),
        BarColumn(),
        _text("{task.fields[note]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Starting", total=None, note="")

        def show(status: Status, total_samples: int) -> None:
            speed = f"{status.images_per_second:,.0f} images/s" if status.images_per_second else ""
            accuracy = f"test accuracy {status.test_accuracy:.2%}" if status.test_accuracy is not None else ""
            progress.update(
                task,
                description=status.state.capitalize(),
                completed=status.samples_seen,
                total=total_samples,
                note=f"epoch {status.epoch}  {accuracy}  {speed}",
            )

        yield show


@contextmanager
def share_bar(title: str) -> Iterator[Callable[[float], None]]:
    """A bar for work that is not a training; the function it yields takes the share done, 0 to 1."""
    console = Console(stderr=True)
    columns = (_text("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=1.0)
        yield lambda share: progress.update(task, completed=share)
