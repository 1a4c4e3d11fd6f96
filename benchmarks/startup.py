"""From the click on Start to the first plotted point, in Chromium: `python -m benchmarks.startup [--runs 10]`.

The real server and a real browser; between two clicks the run is stopped and the next process has stood by for a while,
as it has when a person looks at a page before pressing Start.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from playwright.sync_api import Page, sync_playwright

from mnist_core import data
from mnist_core.files import REPOSITORY

PORT = 8799
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
# The loss chart shows this run (its address is in the URL) and has a point.
PLOTTED = """() => {
  const node = document.querySelector(".live-chart");
  const run = new URLSearchParams(location.search).get("run");
  const isNew = run && run !== window.earlier && node?.layout?.uirevision?.startsWith(run);
  return isNew && node.data.some(t => t.x.length > 0);
}"""


def click_to_point(page: Page) -> float:
    """Seconds from the click to the first point."""
    page.evaluate("window.earlier = new URLSearchParams(location.search).get('run')")
    start = time.perf_counter()
    page.get_by_role("button", name="Start training").click()
    page.wait_for_function(PLOTTED, polling="raf", timeout=60_000)
    seconds = time.perf_counter() - start
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped after").wait_for()
    return seconds


def main() -> None:
    """Print each time, the median and the slowest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_HOME"] = folder
        data.prepare()
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
        options = [f"--server.port={PORT}", "--server.headless=true"]
        with subprocess.Popen([*command, *options], cwd=REPOSITORY, stdout=subprocess.DEVNULL) as server:
            try:
                print_times(arguments.runs)
            finally:
                server.terminate()


def print_times(count: int) -> None:
    """Measure against the server that is starting."""
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_stcore/health", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(f"http://127.0.0.1:{PORT}/Train")
        page.get_by_text("No run yet").wait_for(timeout=60_000)
        times = []
        for _ in range(count):
            time.sleep(8)  # a person looks; the process that stands by gets ready
            times.append(click_to_point(page))
            print(f"{times[-1]:.2f} s", flush=True)
        browser.close()
    print(f"click to first point: median {statistics.median(times):.2f} s, slowest {max(times):.2f} s (n = {count})")


if __name__ == "__main__":
    main()
