"""The files with networks that the browser's engine reads."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_core.runs.run import Run
from ui.components import engine


@pytest.mark.parametrize("left", [0, 999, -1])
def test_a_damaged_file_is_written_again(trained: Run, home: Path, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    monkeypatch.setattr(engine, "serve", lambda name, folder: name)
    addresses: list[Callable[[], str]] = [lambda: engine.network_address(trained, 1), engine.detector_address]
    for address in addresses:
        path = home / "cache" / address()
        written, stat = path.read_bytes(), path.stat()
        assert home / "cache" / address() == path and path.stat().st_mtime_ns == stat.st_mtime_ns
        path.write_bytes(written[:left] + b" ")
        assert home / "cache" / address() == path and path.read_bytes() == written
