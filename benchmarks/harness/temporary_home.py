"""A home of its own for a benchmark: real digits, no runs."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_core.data import download


@contextmanager
def temporary_home() -> Iterator[Path]:
    """Within it, `MNIST_HOME` is an empty folder in which the data set is ready."""
    before = os.environ.get("MNIST_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_HOME"] = folder
        download.prepare()
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["MNIST_HOME"]
            else:
                os.environ["MNIST_HOME"] = before
