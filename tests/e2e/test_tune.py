"""A sweep as a person follows it, in a real browser against the real server, with real workers."""

import re

import pytest
from playwright.sync_api import Page, expect

from mnist_core.sweeps import manager, results
from mnist_core.sweeps import sweep as sweeps
from tests.support.sweep_workers import a_plan, accounts


@pytest.mark.usefixtures("home")
def test_sweeps_are_followed_stopped_deleted_brought_back_and_finished(page: Page, server: str) -> None:
    long = manager.start(a_plan(10, epochs=30), workers=1)
    page.goto(f"{server}/Tune")
    expect(page.get_by_text("Searching.")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(re.compile("^Stopped; Go on continues"))).to_be_visible(timeout=60_000)
    now = manager.status(long)
    assert (now.state, now.workers, now.ended + now.waiting) == ("stopped", 0, 10)
    page.get_by_role("button", name="Delete sweep").click()
    expect(page.get_by_text("No sweep yet")).to_be_visible()
    page.get_by_role("button", name="Undo deletion").click()
    expect(page.get_by_text(re.compile("^Stopped; Go on continues"))).to_be_visible()
    assert manager.status(sweeps.find(long.id)) == now

    short = manager.start(a_plan(2), workers=0)
    page.goto(f"{server}/Tune?sweep={short.id}")
    expect(page.get_by_text(re.compile("^Interrupted: its workers are gone"))).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Finished.")).to_be_visible(timeout=60_000)
    accounts(short, 2)
    best = results.best(short)
    assert best is not None and best.accuracy is not None
    expect(page.locator(".live-numbers")).to_contain_text(f"{100 * best.accuracy:.2f} %")
