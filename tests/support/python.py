"""A process of its own that runs some lines of Python."""

import os
import subprocess
import sys
from pathlib import Path

from mnist_core.system.files import REPOSITORY


def python(code: str, home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=REPOSITORY,
        env={**os.environ, "MNIST_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
