"""The real server and a real browser, for the benchmarks of pages."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from benchmarks.harness.temporary_home import temporary_home
from mnist_core.system.files import REPOSITORY

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@contextmanager
def dashboard(path: str = "") -> Iterator[Page]:
    """A tab, 1440 pixels wide, at a page of a dashboard that has a home of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = [f"--server.port={port}", "--server.headless=true"]
    with temporary_home(), subprocess.Popen([*command, *options], cwd=REPOSITORY, stdout=subprocess.DEVNULL) as server:
        try:
            wait_until_healthy(port)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
                page = browser.new_page(viewport={"width": 1440, "height": 1000})
                page.set_default_timeout(120_000)
                page.goto(f"http://127.0.0.1:{port}/{path}")
                yield page
                browser.close()
        finally:
            server.terminate()


def wait_until_healthy(port: int) -> None:
    """Return when the server answers."""
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the dashboard did not start within 30 s")
