"""A configured dashboard in a browser: the sign-in and nothing else, then a viewer's page, then an editor's."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.provider import EDITOR, VIEWER, dashboard_with_sign_in


@pytest.fixture
def configured(prepared_data: Path, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "data").symlink_to(prepared_data)
    with dashboard_with_sign_in(tmp_path) as address:
        yield address


def sign_in(page: Page, who: dict[str, object], role: str) -> None:
    """By the provider's own form; it leads back to Home."""
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=str(who["sub"]), exact=True).click()
    expect(page.get_by_text(role)).to_be_visible()


def test_sign_in_and_out_as_a_viewer_and_as_an_editor(configured: str, page: Page) -> None:
    page.route("**/pico.min.css", lambda route: route.abort())  # the provider's style sheet, from the network
    for name in ("", "Train"):  # all four: tests/ui/access/test_real_sign_in.py
        page.goto(f"{configured}/{name}")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_test_id("stPageLink")).to_have_count(0)
        shown = [line for line in page.get_by_role("main").inner_text().split("\n") if line]
        sentence = "Sign in to see how a network learns to read handwritten digits."
        assert shown == ["MNIST lab", sentence, "login", "Sign in"]  # "login" is the icon's name

    sign_in(page, VIEWER, "viewer: may look and draw")
    page.goto(f"{configured}/Train")
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/oauth2/end_session"))  # the provider asks whether to end its own session
    page.goto(f"{configured}/Train")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()

    sign_in(page, EDITOR, "editor: may do everything")
    page.goto(f"{configured}/Train")
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
