"""The table of runs for a spreadsheet or a program: a CSV file."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from mnist_core.comparison.entry import Entry, columns
from mnist_core.evaluation.statistics import Interval

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet computes what begins so


_INTERVALS: dict[str, Callable[[Entry], Interval | None]] = {
    "best_validation_accuracy": lambda e: e.validation_interval(e.best.validation_accuracy) if e.best else None,
    "test_accuracy": Entry.test_interval,
}


def as_csv(entries: Sequence[Entry]) -> bytes:
    """A row for each run: every value of `columns()` under its name, 95 % intervals, and why a run is damaged.

    Times are UTC in ISO 8601, accuracies 0 to 1, tags have semicolons between them. Text that a spreadsheet would
    take for a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    table = csv.writer(text)
    named = columns()
    table.writerow([*named, *(f"{name}_{end}" for name in _INTERVALS for end in ("low", "high")), "damage"])
    for entry in entries:
        values = [_cell(column.value(entry), column.kind) for column in named.values()]
        for interval in _INTERVALS.values():
            values += interval(entry) or ("", "")
        table.writerow([*values, _cell(entry.damage, "text")])
    return text.getvalue().encode()


def _cell(value: object, kind: str) -> object:
    if value is None:
        return ""
    if kind == "time" and isinstance(value, float):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        value = "; ".join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
