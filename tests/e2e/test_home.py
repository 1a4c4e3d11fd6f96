"""Home in a real browser: what is drawn there is read at once, with nothing trained."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mnist_core.evaluation.prediction import predict
from mnist_core.runs import store
from mnist_core.runs.run import answering_epoch
from tests.support.pen import DIGITS, WAYS

ANSWER = "document.querySelector('.mnist-paper').mounted.answer()"


@pytest.mark.parametrize(("way", "digits"), [("mouse", (2, 5)), ("finger", (4,))])
def test_digits_are_read_as_the_shipped_run_reads_them(
    server: str, page_for: Callable[[str], Page], way: str, digits: tuple[int, ...]
) -> None:
    page = page_for(way)
    page.goto(server)
    canvas = page.get_by_role("application", name="Paper to draw a digit on")
    expect(canvas).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    run = store.find("shipped")
    for digit in digits:
        WAYS[way](page, canvas, DIGITS[digit])
        expect(page.locator(".mnist-paper [data-part=digit]")).to_have_text(str(digit))
        page.wait_for_function(f"{ANSWER}?.unlike != null")
        found = page.evaluate(f"(({{image, probabilities}}) => [[...image], [...probabilities]])({ANSWER})")
        image = np.array(found[0], np.uint8).reshape(1, 28, 28)
        expected = predict(run, answering_epoch(run), image)[0]
        np.testing.assert_allclose(found[1], expected, atol=2e-3)  # its weights have 16 bits here
        page.locator(".mnist-paper [data-part=clear]").click()
        expect(page.locator(".mnist-paper [data-part=digit]")).to_have_text("")


@pytest.mark.usefixtures("home")
def test_the_way_on(server: str, page: Page) -> None:
    page.goto(server)
    page.get_by_role("link", name="Now train your own").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()


@pytest.mark.usefixtures("home")
def test_the_drawing_comes_along_to_look_inside_the_same_network(server: str, page: Page) -> None:
    page.goto(server)
    WAYS["mouse"](page, page.get_by_role("application", name="Paper to draw a digit on"), DIGITS[2])
    expect(page.locator(".mnist-paper [data-part=digit]")).to_have_text("2")
    page.get_by_role("link", name="Look inside this one").click()
    expect(page.get_by_role("heading", name="Look inside", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]run=shipped\b"))
    expect(page.locator(".living[data-ready]")).to_be_visible()
    expect(page.locator(".mnist-paper [data-part=digit]")).to_have_text("2")
    page.locator(".mnist-paper [data-part=undo]").click()  # it is the same paper
    expect(page.locator(".mnist-paper [data-part=sure]")).to_contain_text("Nothing is drawn yet")
