"""How soon the Compare page is there with 1,000 and 10,000 runs, in Chromium: `python -m benchmarks compare`.

The runs are one that was really trained and links to it, with other settings, curves and figures
(`benchmarks/harness/store_of_runs.py`). Each try begins in a tab of its own, whose browser knows Streamlit's files.
"""

import re
import time
from collections.abc import Callable, Iterator
from functools import partial

from playwright.sync_api import Page, sync_playwright

from benchmarks.harness.results import Row
from benchmarks.harness.store_of_runs import fill, trained_run
from benchmarks.harness.temporary_home import temporary_home
from mnist_core.comparison import index
from tests.support.server import CHROMIUM_FLAGS, chromium, dashboard_server

COUNTS = (1000, 10_000)
REPEATS = 20
GOALS = {1000: ("at most 1.5 s", "at most 0.4 s", "at most 1 s"), 10_000: ("", "", "")}
TEN_CURVES = """() => {
  const lines = document.querySelectorAll(".live-chart[data-updates] .scatterlayer .trace .js-line");
  return lines.length >= 10;
}"""


def measure() -> Iterator[Row]:
    """Seconds until the table stands, a filter has taken effect, and ten curves are drawn."""
    for count in COUNTS:
        with temporary_home() as home:
            fill(trained_run(), count - 1)
            start = time.perf_counter()
            index.entries()
            yield Row(f"{count:,} runs read for the first time", "s", [time.perf_counter() - start])
            time.sleep(1.1)  # what is younger than a second is read again
            index.entries()
            with dashboard_server(home, home / "server.log") as address:
                yield from _page(address, count)


def _page(address: str, count: int) -> Iterator[Row]:
    fresh, ups, filters, overlays = [], [], [], []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        for attempt in range(REPEATS + 1):  # the first fills the browser's cache, and reads the runs in the server
            page = context.new_page()
            page.set_default_timeout(120_000)
            fresh.append(_seconds(partial(page.goto, f"{address}/Compare?bands=false"), partial(_is_up, page, count)))
            menu = page.get_by_test_id("stSidebar")
            _settle(page)
            menu.get_by_role("link", name="Draw", exact=True).click()
            page.get_by_text("Draw a digit from 0 to 9").wait_for()
            _settle(page)
            link = menu.get_by_role("link", name="Compare", exact=True)
            ups.append(_seconds(link.click, partial(_is_up, page, count)))
            _settle(page)
            box = page.get_by_role("textbox", name="Search and filter")
            box.fill(f"model={'cnn' if attempt % 2 else 'mlp'} seed=1,2")
            filtered = page.get_by_text("of which fit the filter")
            filters.append(_seconds(partial(box.press, "Enter"), filtered.wait_for))
            _settle(page)
            choose = page.get_by_role("button", name="Choose the first 10")
            overlays.append(_seconds(choose.click, partial(page.wait_for_function, TEN_CURVES, polling="raf")))
            page.close()
        browser.close()
    up, narrowed, overlaid = GOALS[count]
    yield Row(f"Compare up in a fresh tab, {count:,} runs", "s", fresh[1:], up)
    yield Row(f"Compare up from the menu, {count:,} runs", "s", ups[1:], up)
    yield Row(f"a filter, {count:,} runs", "s", filters[1:], narrowed)
    yield Row(f"an overlay of ten, {count:,} runs", "s", overlays[1:], overlaid)


def _seconds(act: Callable[[], object], wait: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    wait()
    return time.perf_counter() - start


def _settle(page: Page) -> None:
    """Nothing of the act before is still going on."""
    page.locator("[data-test-script-state=notRunning]").first.wait_for()
    page.wait_for_load_state("networkidle")


def _is_up(page: Page, count: int) -> None:
    """The table stands, and below it how many there are."""
    page.get_by_text(re.compile(rf"^{count:,} runs(; the first 1,000 are shown)?\. ")).wait_for()
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
