"""A real server with a home of its own, and a real Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

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


@pytest.fixture
def server(home: Path) -> Iterator[str]:
    """The dashboard on a free port with its state in this test's home: its address; a traceback in its log fails."""
    log = home / "server.log"
    with dashboard_server(home, log) as address:
        yield address
    said = log.read_text()
    assert "Traceback (most recent call last)" not in said, said


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab, 1440 pixels wide; a page that shows a traceback fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    failures = page.get_by_test_id("stException").count()
    context.close()
    assert failures == 0, "the page showed an exception"
