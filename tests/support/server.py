"""The real dashboard on a port of its own, and the Chromium that opens it: for browser tests and for benchmarks."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_core.system.files import REPOSITORY

FOREIGN_NAME = "evil.example"  # leads to this machine, as a name may that a foreign page is called from
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {FOREIGN_NAME} 127.0.0.1",
]
START_SECONDS = 60.0  # a busy machine takes its time to import everything


def chromium() -> str | None:
    """The browser's program, or None where there is none."""
    return shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def dashboard_server(home: Path, log: Path, *command: str, cwd: Path = REPOSITORY, **variables: str) -> Iterator[str]:
    """The dashboard with its state in `home`, once it answers: its address. What it prints goes to the file `log`.

    `command` follows `python -m`, `streamlit run streamlit_app.py` where it is not given; `variables` are its
    environment's.

    Raises RuntimeError when it ends or does not answer within a minute.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = command or ("streamlit", "run", "streamlit_app.py")
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *words, f"--server.port={port}", "--server.headless=true"],
            cwd=cwd,
            env={**os.environ, "MNIST_HOME": str(home), "PYTHONPATH": str(REPOSITORY), **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when `url` answers with status 200."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer within {START_SECONDS:.0f} s")
