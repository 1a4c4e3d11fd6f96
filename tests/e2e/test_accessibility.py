"""Every page under axe-core: nothing that it calls serious or critical, light and wide, dark and narrow."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PAGES = ("", "Train", "Mistakes", "Draw", "Compare", "Tune", "Look_inside")
# A scheme, its background, and a width in pixels. Each scheme at each width, which takes twice as long, found no more.
LOOKS: tuple[tuple[Literal["light", "dark"], str, int], ...] = (
    ("light", "rgb(255, 255, 255)", 1440),
    ("dark", "rgb(16, 21, 28)", 420),
)

# What is Streamlit's own and cannot be mended from here, by axe's rule and the part of the page; with the reason.
STREAMLITS: tuple[tuple[str, str], ...] = ()


@pytest.mark.usefixtures("trained")
def test_no_page_has_a_serious_finding(page: Page, server: str) -> None:
    found: list[str] = []
    for name in PAGES:
        page.emulate_media(reduced_motion="reduce")
        page.goto(f"{server}/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for scheme, background, width in LOOKS:
            page.emulate_media(color_scheme=scheme)
            expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)
            page.set_viewport_size({"width": width, "height": 900})
            expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
            found += [f"{name or 'Home'}, {scheme}, {width} px: {said}" for said in serious(page)]
    assert not found, "\n".join(found)


def serious(page: Page) -> list[str]:
    """What axe finds that is serious or critical and not Streamlit's own: the rule, the part, what is wrong."""
    answer: dict[str, Any] = Axe().run(page).response
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]}: {node['failureSummary']}"
        for rule in answer["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not any(rule["id"] == its and is_in(page, node["target"], part) for its, part in STREAMLITS)
    ]


def is_in(page: Page, target: list[str], part: str) -> bool:
    return bool(page.locator(target[0]).and_(page.locator(part)).count())
