"""A page whose name leads to this machine gets the empty shell of the dashboard, and nothing of the dashboard."""

import re
from pathlib import Path
from urllib.parse import urlparse

from playwright.sync_api import Page, expect

from mnist_core.runs import store
from tests.support.server import FOREIGN_NAME


def test_a_foreign_name_shows_no_page_and_starts_nothing(home: Path, server: str, page: Page) -> None:
    refused: list[str] = []
    page.on("websocket", lambda socket: socket.on("socketerror", lambda error: refused.append(f"{socket.url} {error}")))
    start = page.get_by_role("button", name="Start training")
    page.goto(f"http://{FOREIGN_NAME}:{urlparse(server).port}/Train")
    while len(refused) < 2:  # it asks again and again
        page.wait_for_event("websocket")
    assert all(FOREIGN_NAME in each and "403" in each for each in refused)
    expect(start).to_have_count(0)
    assert not re.search("Epochs|MNIST", page.inner_text("body"))

    page.goto(f"{server}/Train")  # the same browser, by the server's own name
    expect(start).to_be_visible()
    assert store.every() == []
