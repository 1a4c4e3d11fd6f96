"""A person's way through the later sections of the Mistakes page, in a real browser against the real server."""

import contextlib
import re

import psutil
import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from mnist_core.evaluation import robustness
from mnist_core.runs.run import Run
from tests.conftest import wait_until


def open_section(page: Page, server: str, section: str) -> None:
    page.goto(f"{server}/Mistakes")
    page.get_by_role("radio", name=section).or_(page.get_by_role("button", name=section)).first.click()


def press(page: Page, key: str, outcome: str, on: Locator | None = None) -> None:
    """Press a key until it has an effect: keys are taken a moment after what they are for is drawn."""

    def is_there() -> bool:
        (on or page.locator("body")).press(key)
        try:
            page.get_by_text(outcome).wait_for(timeout=2000)
        except TimeoutError:
            return False
        return True

    wait_until(is_there, outcome, seconds=30)


def test_robustness_goes_on_while_the_page_is_elsewhere_and_says_when_it_was_killed(
    page: Page, server: str, trained: Run
) -> None:
    open_section(page, server, "Robustness")
    page.get_by_role("button", name="Test how robust it is").dblclick()
    expect(page.get_by_text(re.compile(r"This run: .* done"))).to_be_visible()
    expect(page.get_by_role("button", name="Test how robust it is")).to_have_count(0)

    menu = page.get_by_test_id("stSidebar")
    menu.get_by_role("link", name="Draw").click()  # the page stays usable, and leaving it loses nothing
    expect(page.get_by_text("Draw a digit from 0 to 9")).to_be_visible()
    study = robustness.ANALYSIS.study(trained, 1)
    state = study.progress()
    assert study.load() is not None or (state and state.is_active)

    menu.get_by_role("link", name="Mistakes").click()
    page.get_by_role("radio", name="Robustness").click()
    expect(page.get_by_text(re.compile(r"This run: .* done|Turned to the left")).first).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile(r"This run: .* done"))).to_be_visible()
    before = study.progress()
    assert before is not None
    wait_until(lambda: (now := study.progress()) is not None and now.share > before.share, "its progress")

    # To its end it takes a minute: tests/mnist_core/evaluation and tests/pages have that. Killed, it says so.
    (process,) = (one for one in psutil.process_iter() if {"robustness", trained.id} <= set(words_of(one)))
    process.kill()
    expect(page.get_by_text("The computation was interrupted")).to_be_visible()
    expect(page.get_by_role("button", name="Test how robust it is")).to_be_visible()


def words_of(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


@pytest.mark.usefixtures("trained")
def test_the_map_shows_what_is_pointed_at_and_the_quiz_takes_keys(page: Page, server: str) -> None:
    open_section(page, server, "Map")
    chart = page.locator(".digit-map")
    expect(chart.locator(".live-chart[data-updates]")).to_be_visible()
    press(page, "ArrowRight", " read as ", chart)
    told = chart.locator(".told")
    expect(told).to_contain_text(re.compile(r"^\d read as \d · .* % · test digit \d+$"))
    first = told.inner_text()
    assert chart.locator("canvas").first.evaluate(
        "c => c.getContext('2d').getImageData(0, 0, 28, 28).data.some(v => v > 200)"
    )
    chart.press("ArrowRight")
    expect(told).not_to_have_text(first)

    page.get_by_role("radio", name="Can you read it?").or_(
        page.get_by_role("button", name="Can you read it?")
    ).first.click()
    expect(page.get_by_text("Digit 1 of the")).to_be_visible()
    expect(page.get_by_text("the label says")).to_have_count(0)
    press(page, "4", "you said 4; the label says")
    press(page, "n", "Digit 2 of the")
