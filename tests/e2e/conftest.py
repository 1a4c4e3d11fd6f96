"""A real server whose home is empty for each test, and a real Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from mnist_core.runs import store
from tests.support.server import CHROMIUM_FLAGS, chromium, dashboard_server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; skipped where there is none, but a failure in CI."""
    executable = chromium()
    if executable is None:
        reason = "no Chromium on this machine; on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=30_000)  # a busy machine takes its time
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


class Dashboard(NamedTuple):
    """One server for all browser tests: each starts in seconds, and costs them again in its first page."""

    address: str
    home: Path
    log: Path


@pytest.fixture(scope="session")
def dashboard(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    home, log = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("log") / "server.log"
    (home / "data").symlink_to(prepared_data)
    with dashboard_server(home, log) as address:
        yield Dashboard(address, home, log)


def _remove(path: Path) -> None:
    """The server may still keep something in a folder while it is removed."""
    for _ in range(100):
        if not path.is_dir():
            path.unlink(missing_ok=True)
            return
        shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(path)


@pytest.fixture
def home(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The server's home, empty but for the data set; no training is left behind in it."""
    monkeypatch.setenv("MNIST_HOME", str(dashboard.home))
    yield dashboard.home
    for run in store.every():
        if run.is_held() and (pid := run.status().pid):
            process = psutil.Process(pid)
            process.kill()
            psutil.wait_procs([process], timeout=30)
    for path in dashboard.home.iterdir():
        if path.name != "data":
            _remove(path)


@pytest.fixture
def server(dashboard: Dashboard, home: Path) -> Iterator[str]:
    """The dashboard, its state in this test's `home`: its address; a traceback in its log fails."""
    before = dashboard.log.stat().st_size
    yield dashboard.address
    said = dashboard.log.read_bytes()[before:].decode()
    assert "Traceback (most recent call last)" not in said, said


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Iterator[Page]:
    """The one tab of a visitor of 1440 pixels: scripts are fetched and compiled once, which took 1.2 CPU-s a test."""
    yield from _visitor(browser, viewport={"width": 1440, "height": 1000})


@pytest.fixture(scope="session")
def phone(browser: Browser) -> Iterator[Page]:
    """Another one, with a telephone."""
    yield from _visitor(browser, viewport={"width": 420, "height": 900}, has_touch=True)


def _visitor(browser: Browser, **settings: Any) -> Iterator[Page]:
    context = browser.new_context(**settings)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(visitor: Page) -> Iterator[Page]:
    """The tab of a visitor of whom nothing is stored; a page that shows a traceback fails the test."""
    yield from _as_new(visitor)


@pytest.fixture
def phone_page(phone: Page) -> Iterator[Page]:
    """The same on a telephone."""
    yield from _as_new(phone)


@pytest.fixture
def page_for(request: pytest.FixtureRequest) -> Callable[[str], Page]:
    """The tab of a visitor with a "mouse", or of one with a "finger"."""
    return lambda way: request.getfixturevalue("phone_page" if way == "finger" else "page")


def _as_new(page: Page) -> Iterator[Page]:
    size = page.viewport_size
    assert size is not None
    yield page
    failures = page.get_by_test_id("stException").count()
    page.unroute_all()
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.goto("about:blank")
    for tab in page.context.pages:
        if tab != page:
            tab.close()
    page.context.clear_cookies()
    page.emulate_media(color_scheme="null", reduced_motion="null")
    page.set_viewport_size(size)
    assert failures == 0, "the page showed an exception"
