"""What every benchmark hands over: rows of measured values, each printed and saved as soon as it is measured."""

import importlib.metadata
import json
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any, NamedTuple

from mnist_core.system.files import write_atomically

LAYOUT = "{:<58} {:>4} {:>15} {:>15}  {:<22} "  # of a printed row; goal and note follow


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


class Results:
    """The rows so far, in a JSON file that is complete after each of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = environment()
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.failed: dict[str, str] = {}  # an error by the benchmark that it ended

    def add(self, benchmark: str, row: Row) -> None:
        """Save one more row; of a benchmark's rows with one name the last counts."""
        self.rows[benchmark, row.what] = {"benchmark": benchmark, **row.summary()}
        self._save()

    def fail(self, benchmark: str, error: Exception) -> None:
        """Note that a benchmark ended early."""
        self.failed[benchmark] = f"{type(error).__name__}: {error}"
        self._save()

    def _save(self) -> None:
        document = {"environment": self.environment, "rows": list(self.rows.values()), "failed": self.failed}
        write_atomically(self.path, (json.dumps(document, indent=1) + "\n").encode())


def show_head() -> None:
    """Print what stands above the rows."""
    print((LAYOUT + "goal; note").format("what", "n", "median", "p95", "lowest to highest"), flush=True)


def show(row: Row) -> None:
    """Print one row."""
    found = row.summary()
    spread = f"{found['min']:.4g} to {found['max']:.4g}"
    median, p95 = (f"{found[name]:.4g} {row.unit}" for name in ("median", "p95"))
    rest = "; ".join(text for text in (row.goal, row.note) if text)
    print((LAYOUT.format(row.what, found["n"], median, p95, spread) + rest).rstrip(), flush=True)


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


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
