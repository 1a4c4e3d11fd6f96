"""A person's way through the Compare page, in a real browser against the real server."""

import re
import shutil

import pytest
from playwright.sync_api import Page, expect

from mnist_core.runs import store
from mnist_core.runs.run import Run


@pytest.fixture
def three(trained: Run) -> list[Run]:
    """The trained run, and copies of it under other seeds."""
    runs = [trained]
    for seed in (2, 3):
        runs.append(Run(trained.path.with_name(f"20261122-00000{seed}-cnn-0000")))
        shutil.copytree(trained.path, runs[-1].path)
        record = trained.record()
        changed = record.model_copy(update={"config": record.config.replace(seed=seed), "name": f"seed {seed}"})
        store.write_record(runs[-1], changed)
    return runs


@pytest.mark.usefixtures("three")
def test_from_the_table_to_the_digits_that_set_two_runs_apart(page: Page, server: str) -> None:
    page.goto(f"{server}/Compare")
    page.get_by_role("button", name="Choose the first 3").click()
    expect(page.get_by_text("3 runs. 3 runs chosen.")).to_be_visible()
    chart = page.locator(".live-chart")
    expect(chart.locator(".scatterlayer .js-line").first).to_be_attached()
    assert "runs=" in page.url and page.url.count("-cnn-") == 3

    chart.evaluate("node => { node.dataset.mark = 'same'; }")
    page.get_by_role("radio", name="Epochs").click()
    expect(chart.locator(".xtitle")).to_have_text("epochs")
    page.get_by_text("Seeds as one").click()
    expect(chart.locator(".legendtext")).to_have_count(3)
    assert chart.get_attribute("data-mark") == "same"  # the node has lasted

    table = page.get_by_test_id("stDataFrame").first
    table.click(position={"x": 16, "y": 52})  # the box of the first row
    expect(page.get_by_text("3 runs. 2 runs chosen.")).to_be_visible()
    page.get_by_role("textbox", name="Search and filter").fill("seed=2")
    page.get_by_role("textbox", name="Search and filter").press("Enter")
    expect(page.get_by_text("3 runs, 1 of which fit the filter. 2 runs chosen.")).to_be_visible()

    page.get_by_role("radio", name="Which is better").click()
    expect(page.get_by_text("there is no difference")).to_be_visible()
    page.reload()  # the address carries it all
    expect(page.get_by_text("there is no difference")).to_be_visible()
    expect(page.get_by_text("3 runs, 1 of which fit the filter. 2 runs chosen.")).to_be_visible()
    page.get_by_role("link", name=re.compile("0 digits")).click()
    expect(page.get_by_text("From the first to the second")).to_be_visible()
    expect(page.get_by_text("there is no difference")).to_be_visible()
    expect(page).to_have_url(re.compile("Mistakes.*other="))
