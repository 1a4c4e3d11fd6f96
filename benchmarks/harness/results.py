"""What every benchmark hands over: rows of measured values, printed as one table and kept as one JSON file."""

import importlib.metadata
import json
import os
import platform
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from mnist_core.system.files import write_atomically


class Row(NamedTuple):
    """One quantity, measured `len(values)` times."""

    what: str
    unit: str  # "s", "ms", "%", "x" for a ratio
    values: list[float]
    goal: str = ""  # for example "at most 1 s (median of 10)"
    note: str = ""

    def summary(self) -> dict[str, Any]:
        """n, mean, median, 95th percentile, smallest, largest, beside the values themselves."""
        ordered = sorted(self.values)
        p95 = ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)]  # the smallest that 95 % do not exceed
        return {
            **self._asdict(),
            "n": len(ordered),
            "mean": statistics.fmean(ordered),
            "median": statistics.median(ordered),
            "p95": p95,
            "min": ordered[0],
            "max": ordered[-1],
        }


def environment() -> dict[str, Any]:
    """What a figure depends on besides the code: versions, processor, cores, threads, when."""
    names = ("torch", "numpy", "streamlit", "plotly")
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in names},
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_at_start": os.getloadavg()[0],
    }


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table("what", "n", "median", "p95", "lowest to highest", "goal", "note", box=None)
    for row in rows:
        found = row.summary()
        spread = f"{found['min']:.4g} to {found['max']:.4g}"
        median, p95 = (f"{found[name]:.4g} {row.unit}" for name in ("median", "p95"))
        table.add_row(row.what, str(found["n"]), median, p95, spread, row.goal, row.note)
    Console(width=220).print(table)


def save(rows: Sequence[Row], path: Path, before: dict[str, Any]) -> None:
    """Write the rows, with the `environment()` noted before they were measured, as JSON."""
    document = {"environment": before, "rows": [row.summary() for row in rows]}
    write_atomically(path, (json.dumps(document, indent=1) + "\n").encode())


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
