"""While a run trains, in Chromium: how long a change of page takes, and how far anything on the Train page moves when
the run updates it. `python -m benchmarks page_changes`.

A page is there when its title is and Streamlit says that its script has ended.
"""

import time
from collections.abc import Iterator

from playwright.sync_api import Page

from benchmarks.harness.browser import dashboard
from benchmarks.harness.results import Row
from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher

CHANGES = 50
TOUR = ("Train", "Mistakes", "Home")
READY = """title => document.querySelector("h1")?.innerText === title
  && document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning" """
# Where the top left corner and the size of every element that a person would see move are.
PLACES = """() => [...document.querySelectorAll(
  "button, h1, label, .live-chart, .live-numbers, .live-numbers *, [data-testid=stVerticalBlock], [role=slider]"
)].filter(e => e.offsetParent).map(e => {
  const box = e.getBoundingClientRect();
  return [box.left + scrollX, box.top + scrollY];
})"""


def measure(changes: int = CHANGES, seconds: float = 20) -> Iterator[Row]:
    """While the tutorial's network trains with one thread."""
    with dashboard() as page:
        finished = launcher.start(TrainConfig(epochs=1, threads=1))  # so that there is something to look at
        launcher.wait(finished, seconds=120)
        run = launcher.start(TrainConfig(epochs=100, threads=1))
        try:
            page.goto(f"{page.url}Train")
            page.locator(".live-chart .main-svg").first.wait_for()
            shift = largest_shift(page, seconds)
            yield Row(f"largest shift in {seconds:.0f} s of updates", "px", [shift], goal="at most 1 px")
            for name in TOUR:  # the first visit of each page fills the server's caches
                change(page, name)
            times = [change(page, TOUR[i % len(TOUR)]) for i in range(changes)]
            yield Row("change of page while a run trains", "ms", times, "at most 700 ms (95th percentile of 50)")
        finally:
            launcher.stop(run)
            launcher.wait(run, seconds=30)


def change(page: Page, name: str) -> float:
    """Milliseconds from the click in the menu until the page is there."""
    start = time.perf_counter()
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    page.wait_for_function(READY, arg=name, polling="raf", timeout=60_000)
    return 1000 * (time.perf_counter() - start)


def largest_shift(page: Page, seconds: float) -> float:
    """By how many pixels the element that moved most did, between any two looks, while the run updates."""
    places = page.evaluate(PLACES)
    largest, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.25)
        now = page.evaluate(PLACES)
        if len(now) == len(places):  # a new element is not a shift; what it pushes aside is seen at the next look
            pairs = zip(places, now, strict=True)
            largest = max(largest, *(abs(a - b) for old, new in pairs for a, b in zip(old, new, strict=True)))
        places = now
    return largest
