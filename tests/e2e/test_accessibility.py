"""Every page under axe-core: nothing that it calls serious or critical, light and dark, wide and narrow."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect


# What belongs to Streamlit and cannot be mended from here: the rule, the part of the page, and why.
STREAMLITS: tuple[tuple[str, str, str], ...] = ()


PAGES = ("", "Train", "Mistakes", "Draw", "Compare", "Tune", "Look_inside")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("trained")
def test_no_page_has_a_serious_finding(browser: Browser, server: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(30_000)
    found: list[str] = []
    for width in (1440, 420):
        page.set_viewport_size({"width": width, "height": 900})
        for name in PAGES:
            page.goto(f"{server}/{name}")
            is_drawn(page)
            found += [f"{name or 'Home'}, {width} px: {said}" for said in serious(page)]
    context.close()
    assert not found, "\n".join(found)


def is_drawn(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def serious(page: Page) -> list[str]:
    """What axe finds that is serious or critical and not Streamlit's own: the rule, the part, what is wrong."""
    answer: dict[str, Any] = Axe().run(page).response
    return [
        f"{rule['id']} ({rule['impact']}): {node['target'][0]}: {node['html'][:200]}: {node['failureSummary']}"
        for rule in answer["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not any(
            rule["id"] == known and page.locator(node["target"][0]).and_(page.locator(part)).count()
            for known, part, _ in STREAMLITS
        )
    ]
