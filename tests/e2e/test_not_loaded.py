"""Files of Look inside that do not reach the browser: a sentence instead of a part that stays empty."""

import pytest
from playwright.sync_api import Page, expect

from mnist_core.runs.run import Run

SAID = "A part of this page did not load"


@pytest.mark.parametrize(
    ("file", "view"),
    [
        ("**/inside/kernel_history.js", "Kernels"),
        ("**/*.i16", "Kernels"),
        ("**/inside/living/living.js", "The living network"),
        ("**/*.json", "The living network"),
    ],
)
def test_a_file_that_does_not_come_is_told_of(page: Page, server: str, trained: Run, file: str, view: str) -> None:
    page.goto(f"{server}/Look_inside?run={trained.id}&digit=8&view={view}")
    section = page.locator(".kernel-history[data-shown], .living[data-ready]").first
    section.wait_for()
    expect(page.get_by_text(SAID)).to_have_count(0)
    page.route(file, lambda route: route.abort())
    page.reload()
    expect(page.get_by_text(SAID).first).to_be_visible()
    page.unroute(file)
    page.reload()
    section.wait_for()
    expect(page.get_by_text(SAID)).to_have_count(0)
