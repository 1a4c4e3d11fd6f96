"""Follow a run's curve while its trainer appends to it."""

from typing import Any

from mnist_core.runs import Run


class MetricsReader:
    """Reads a growing metrics.jsonl from where it stopped; starts over when the file was cut back by a resume."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.rows: list[dict[str, Any]] = []
        self._offset = 0
        self._file: int | None = None  # its inode: a resume that cuts the file back replaces it

    def read(self) -> list[dict[str, Any]]:
        """All rows so far."""
        try:
            stat = (self.run.path / "metrics.jsonl").stat()
        except OSError:
            return self.rows
        if stat.st_ino != self._file or stat.st_size < self._offset:
            self.rows, self._offset, self._file = [], 0, stat.st_ino
        new, self._offset = self.run.metrics(self._offset)
        self.rows.extend(new)
        return self.rows
