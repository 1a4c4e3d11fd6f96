"""A tab of a real browser at the real dashboard, for the benchmarks of pages."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from benchmarks.harness.temporary_home import temporary_home
from tests.support.server import CHROMIUM_FLAGS, chromium, dashboard_server


@contextmanager
def dashboard(path: str = "") -> Iterator[Page]:
    """A tab, 1440 pixels wide, at a page of a dashboard that has a home of its own."""
    with temporary_home() as home, dashboard_server(home, home / "server.log") as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(120_000)
        page.goto(f"{address}/{path}")
        yield page
        browser.close()
