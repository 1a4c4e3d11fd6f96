"""From the click on Start to the first plotted point, and a watched run against an unwatched one, in Chromium.

`python -m benchmarks startup`. Between two clicks the run is stopped, and the next training process, which the
dashboard keeps ready, has some seconds to load, as it has when a person looks at a page before pressing Start.
"""

import time
from collections.abc import Iterator

from playwright.sync_api import Page

from benchmarks.harness.browser import dashboard
from benchmarks.harness.results import Row
from benchmarks.training.epoch import report_of
from mnist_core.jobs import launcher
from mnist_core.runs import store

CLICKS = 10
ROUNDS = 5
EPOCHS = 3
# The loss chart shows this run (its id is in the URL) and has a point.
PLOTTED = """() => {
  const node = document.querySelector(".live-chart");
  const run = new URLSearchParams(location.search).get("run");
  const shown = run && run !== window.earlier && node?.layout?.uirevision?.startsWith(run);
  return shown && node.data.some(t => t.x.length > 0);
}"""


def measure() -> Iterator[Row]:
    with dashboard("Train") as page:
        page.get_by_role("button", name="Start training").wait_for()
        clicks = [click_to_point(page) for _ in range(CLICKS)]
        yield Row("click on Start to the first plotted point", "s", clicks, "at most 1 (median)")
        unwatched, watched = [], []
        for _ in range(ROUNDS):
            page.goto("about:blank")  # nobody looks
            report = report_of("mnist_core", "train", "--epochs", str(EPOCHS), "--json")
            unwatched.append(report["train_seconds"])
            page.go_back()
            watched.append(watched_run(page))
    yield Row(f"{EPOCHS} epochs, command line, no page open", "s", unwatched)
    yield Row(f"{EPOCHS} epochs, watched in one tab", "s", watched)
    ratios = [seen / unseen for seen, unseen in zip(watched, unwatched, strict=True)]
    yield Row("watched over unwatched", "x", ratios, "at most 1.10")


def click_to_point(page: Page) -> float:
    """Seconds from the click to the first point; the run is stopped then."""
    time.sleep(8)  # a person looks; the next process loads
    seconds = start_and_see(page)
    run = store.find("latest")
    launcher.stop(run)
    launcher.wait(run, seconds=60)
    page.get_by_text("Stopped after").wait_for()
    return seconds


def start_and_see(page: Page) -> float:
    """Start a training; seconds from the click to its first point."""
    page.evaluate("window.earlier = new URLSearchParams(location.search).get('run')")
    start = time.perf_counter()
    page.get_by_role("button", name="Start training").click()
    page.wait_for_function(PLOTTED, polling="raf", timeout=60_000)
    return time.perf_counter() - start


def watched_run(page: Page) -> float:
    """Seconds from first step to last of a run that is started from the page and watched to its end."""
    start_and_see(page)
    page.get_by_text("Finished after").wait_for()
    status = store.find("latest").status()
    assert status.epoch == EPOCHS, "the sliders stand at the defaults"
    return status.train_seconds
