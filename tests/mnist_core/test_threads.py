"""The package has its say on how threads wait before torch reads it, and a person has the last word."""

import os
import subprocess
import sys

import pytest

from mnist_core.files import REPOSITORY

# GNU OpenMP prints what it goes by when it is loaded.
SHOW = "import mnist_core.training"


@pytest.mark.skipif(sys.platform != "linux", reason="GNU OpenMP is what torch brings on Linux")
@pytest.mark.parametrize(("given", "expected"), [({}, "10000"), ({"GOMP_SPINCOUNT": "77"}, "77")], ids=str)
def test_threads_wait_as_told(given: dict[str, str], expected: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GOMP", "OMP"))}
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env=environment | {"OMP_DISPLAY_ENV": "verbose"} | given,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"GOMP_SPINCOUNT = '{expected}'" in done.stderr
