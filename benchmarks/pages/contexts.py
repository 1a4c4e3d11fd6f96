"""How many people with real browsers two cores carry: Chromium contexts at one dashboard beside a training.

Browsers and server share the machine, so that this is less than the server alone would carry. Each context opens the
Train page, where it then follows the training, and the pages after it in turn.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.harness.results import Row
from benchmarks.harness.temporary_home import temporary_home
from benchmarks.pages.load import images_per_second, resources, server_id
from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from tests.support.server import CHROMIUM_FLAGS, chromium, dashboard_server

AT_ONCE = (1, 2, 4, 8, 16)
PAGES = ("Train", "Mistakes", "Draw", "Train")
FOLLOWED_SECONDS = 20.0


def measure() -> Iterator[Row]:
    with temporary_home() as home, tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        address = opened.enter_context(dashboard_server(home, Path(folder) / "server.log"))
        launcher.wait(launcher.start(TrainConfig(epochs=1)))
        run = launcher.start(TrainConfig(epochs=100))
        opened.callback(launcher.wait, run, 60)
        opened.callback(launcher.stop, run)
        driver = opened.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        opened.callback(browser.close)
        server = psutil.Process(server_id(address))
        while run.status().epoch < 1:
            time.sleep(0.1)
        for count in AT_ONCE:
            contexts = [browser.new_context() for _ in range(count)]
            tabs = [context.new_page() for context in contexts]
            times = [seconds for name in PAGES for seconds in open_at_once(tabs, f"{address}/{name}")]
            speed = images_per_second(run, FOLLOWED_SECONDS)
            megabytes, descriptors = resources(server)
            steady = all(follows(tab) for tab in tabs)
            close(contexts)
            told = f"{count} browser contexts"
            yield Row(f"a page opens in each of {told} at once", "s", times)
            yield Row(f"images a second beside {told}", "/s", [speed], note="all follow" if steady else "one lags")
            yield Row(f"memory of the server with {told}", "MB", [megabytes], note=f"{descriptors} descriptors")


def open_at_once(tabs: list[Page], address: str) -> list[float]:
    """Open a page in all tabs; the seconds after which each of them shows its heading and is at rest."""
    begun = time.perf_counter()
    for tab in tabs:
        tab.goto(address, wait_until="commit")
    times = []
    for tab in tabs:
        tab.get_by_role("heading", level=1).first.wait_for(timeout=120_000)
        times.append(time.perf_counter() - begun)
    return times


def follows(tab: Page) -> bool:
    """Whether what the tab says of the training changes within ten seconds."""
    said = tab.locator("[data-testid=stMain]")
    before, until = said.inner_text(), time.monotonic() + 10
    while time.monotonic() < until:
        if said.inner_text() != before:
            return True
        tab.wait_for_timeout(200)
    return False


def close(contexts: list[BrowserContext]) -> None:
    for context in contexts:
        context.close()
