"""The journey the product exists for: train in the browser, watch, reload, stop, resume; then the mistakes."""

import re
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.config.train_config import TrainConfig
from mnist_core.evaluation.answers import answers_of
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.records import ACTIVE
from mnist_core.system.files import REPOSITORY

EPOCHS, DIGITS = 12, 30_000  # long enough for nine updates of the chart on a fast machine
# Pixels from the left edge of the plot: where the drawn line ends, and where the newest point of its data belongs.
CURVE_END = """node => [
  Number(node.querySelector(".scatterlayer .js-line").getAttribute("d").match(/([\\d.]+),[\\d.]+$/)[1]),
  node._fullLayout.xaxis.l2p(node.data[0].x.at(-1)),
]"""


def until(condition: Callable[[], bool], what: str, seconds: float = 240) -> None:
    """Poll, for what no locator can tell."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.1)


def updates(chart: Locator) -> int:
    return int(chart.get_attribute("data-updates") or 0)


def x_range(chart: Locator) -> list[float]:
    found: list[float] = chart.evaluate("node => node._fullLayout.xaxis.range")
    return found


def zoom_by_mouse(page: Page, chart: Locator) -> list[float]:
    """Drag over the left half of the plot, as a person does; returns the range it then shows."""
    before = x_range(chart)
    area = chart.locator(".nsewdrag").first.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + 10, area["y"] + 40)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] - 20, steps=8)
    page.mouse.up()
    until(lambda: x_range(chart)[1] < before[1] * 0.7, "the zoom")
    return x_range(chart)


def test_train_watch_reload_stop_resume_finish_and_see_the_mistakes(home: object, server: str, page: Page) -> None:
    page.goto(f"{server}/Train?epochs={EPOCHS}&digits_per_class={DIGITS // 10}&threads=1")
    expect(page.get_by_text("No run yet.")).to_be_visible()
    page.wait_for_function("() => window.Plotly")  # loaded before it is needed
    page.get_by_role("button", name="Start training").click()

    # The loss chart is one lasting node; a zoom set on it survives what follows.
    chart = page.locator(".live-chart").first
    expect(chart).to_have_attribute("aria-label", re.compile(r"Training loss, now \d"), timeout=60_000)
    (run,) = store.every()
    assert f"run={run.id}" in page.url
    chart.evaluate("node => { node.mark = 'the same' }")
    until(lambda: updates(chart) >= 4, "an update that only moves the curve")
    drawn, newest = chart.evaluate(CURVE_END)
    assert drawn == pytest.approx(newest, abs=1), "the curve is drawn up to the newest point"
    zoomed = zoom_by_mouse(page, chart)
    seen = updates(chart)
    until(lambda: updates(chart) >= seen + 5, "five updates of the chart")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert chart.evaluate("node => node.mark") == "the same"
    assert x_range(chart) == zoomed

    # A reload in mid-training: it goes on, and the page finds it again.
    before = run.status()
    assert before.state == "running"
    page.reload()
    expect(chart).to_have_attribute("aria-label", re.compile(r"Training loss, now \d"))
    until(lambda: run.status().step > before.step, "a step after the reload")
    assert run.status().pid == before.pid

    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"^Stopped after [\d,]+ digits"))).to_be_visible()
    stopped = run.status()
    assert (stopped.state, stopped.epoch < EPOCHS) == ("stopped", True)

    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text(re.compile(r"^Training after"))).to_be_visible()
    until(lambda: run.status().state not in ACTIVE, "the end of the training")
    finished = run.status()
    assert (finished.state, finished.epoch, finished.step) == ("finished", EPOCHS, EPOCHS * -(-DIGITS // 64))
    expect(page.get_by_text(f"Finished after {DIGITS * EPOCHS:,} digits")).to_be_visible()
    expect(page.get_by_text("Predictions for the first 9 test digits")).to_be_visible()
    steps = [row["step"] for row in run.metrics()[0] if "train_loss" in row]
    assert steps == sorted(set(steps)), "the curve goes on where it stopped"

    # Mistakes shows as many digits as the accuracy implies.
    page.get_by_role("link", name="Mistakes").click()
    wrong = 10_000 - round((finished.test_accuracy or 0) * 10_000)
    assert wrong == len(answers_of(run).mistakes)
    expect(page.get_by_text(f"{wrong} of 10,000 test digits wrong")).to_be_visible()


def test_a_run_started_in_a_terminal_is_seen_and_stopped_in_a_second_tab(home: object, server: str, page: Page) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist_core", "train", "--epochs", "50", "--threads", "1"], cwd=REPOSITORY
    )
    page.goto(f"{server}/Train")
    expect(page.get_by_text(re.compile(r"^Training after"))).to_be_visible(timeout=60_000)
    second = page.context.new_page()
    second.goto(f"{server}/Train")
    second.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"^Stopped after"))).to_be_visible()
    expect(second.get_by_text(re.compile(r"^Stopped after"))).to_be_visible()
    assert process.wait(timeout=20) == 0


def test_a_double_click_on_start_starts_one_run(home: object, server: str, page: Page) -> None:
    page.goto(f"{server}/Train?epochs={EPOCHS}&threads=1")  # three epochs can be over before a slow page is drawn
    page.get_by_role("button", name="Start training").dblclick()
    expect(page.get_by_text(re.compile(r"^(Waiting:|Training after)"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"^Stopped after"))).to_be_visible(timeout=60_000)
    assert len(store.every()) == 1


def test_a_diverging_run_ends_with_advice_and_its_curve(home: object, server: str, page: Page) -> None:
    launcher.start(TrainConfig(learning_rate=10, momentum=0.99, model="mlp", threads=1))
    page.goto(f"{server}/Train")
    expect(page.get_by_text("Choose a smaller learning rate")).to_be_visible(timeout=60_000)
    expect(page.locator(".live-chart").first).to_have_attribute("aria-label", re.compile("Training loss, now"))
