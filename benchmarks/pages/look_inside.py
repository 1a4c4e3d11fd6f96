"""The page "Look inside" beside a training, in Chromium: `python -m benchmarks look_inside`.

A click is done when Streamlit says that its script has ended and nothing is loading. Each section is opened in turn,
and in each the next mistake is asked for; the training is told by its own count of images.
"""

import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Page

from benchmarks.harness.browser import dashboard
from benchmarks.harness.results import Row
from benchmarks.pages.load import images_per_second
from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher

SECTIONS = ("The living network", "Kernels", "Why", "Break it", "Fool it")
ROUNDS = 10
SECONDS = 30.0
RESTING = """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning" """


def measure(rounds: int = ROUNDS, seconds: float = SECONDS) -> Iterator[Row]:
    """Clicks on the page while the tutorial's network trains with one thread, and what they cost it."""
    with dashboard() as page:
        finished = launcher.start(TrainConfig(epochs=1, threads=1))
        launcher.wait(finished, seconds=120)
        run = launcher.start(TrainConfig(epochs=100, threads=1))
        try:
            page.goto(f"{page.url}Look_inside?run={finished.id}&digit=8")
            for name in SECTIONS:  # the first look at each fills the server's caches
                opened(page, name)
                next_mistake(page)
            while run.status().epoch < 1:
                time.sleep(0.1)
            alone = [images_per_second(run, seconds)]
            before = run.status().samples_seen, time.monotonic()
            changes, mistakes = [], []
            for _ in range(rounds):
                for name in SECTIONS:
                    changes.append(opened(page, name))
                    mistakes.append(next_mistake(page))
                    time.sleep(1)  # as a person looks
            beside = (run.status().samples_seen - before[0]) / (time.monotonic() - before[1])
            alone.append(images_per_second(run, seconds))
        finally:
            launcher.stop(run)
            launcher.wait(run, seconds=30)
    yield Row("another section while a run trains", "ms", changes, "at most 700 ms (95th percentile)")
    yield Row("the next mistake while a run trains", "ms", mistakes, "at most 700 ms (95th percentile)")
    yield Row("images a second, the page at rest", "/s", alone)
    yield Row("images a second, a click every second", "/s", [beside], "at most 1.15 times slower")


def opened(page: Page, name: str) -> float:
    """Milliseconds from the click on a section until the page rests."""
    return clicked(page, lambda: page.get_by_role("radio", name=name, exact=True).click())


def next_mistake(page: Page) -> float:
    return clicked(page, lambda: page.get_by_role("button", name="Next mistake").click())


def clicked(page: Page, act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    page.wait_for_timeout(60)  # until Streamlit says that it runs
    page.wait_for_function(RESTING, polling="raf")
    return 1000 * (time.perf_counter() - start)
