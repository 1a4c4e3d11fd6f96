"""The paper of Look inside in a real browser: read while the pen moves, told to the page, kept when it is left."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.drawing import rejection
from mnist_core.drawing.prepare import Prepared, prepare
from mnist_core.drawing.strokes import PAPER
from mnist_core.evaluation.prediction import predict
from mnist_core.runs.run import Run
from tests.support.pen import DIGITS, WAYS
from ui.components import paper

MOUNTED = "document.querySelector('.mnist-paper').mounted"
_LISTEN = """() => {
    window.told = [];
    window.addEventListener("mnist-lab:digit", ({detail: {paper, image, done}}) => window.told.push({
        paper, done, image: image && [...image],
    }));
}"""


def open_paper(page: Page, server: str) -> Locator:
    page.goto(f"{server}/Look_inside")
    page.evaluate(_LISTEN)
    canvas = page.get_by_role("application", name="Paper to draw a digit on")
    expect(canvas).to_be_visible()
    expect(part(page, "sure")).to_contain_text("Nothing is drawn yet: this is test digit")
    expect(bars(page).filter(has_text="▸")).to_have_count(1)  # the network is there
    return canvas


def part(page: Page, name: str) -> Locator:
    return page.locator(f".mnist-paper [data-part={name}]")


def bars(page: Page) -> Locator:
    return page.get_by_role("table", name="Probability of each digit").get_by_role("row")


def expect_known(page: Page, count: int) -> None:
    """The server has so many strokes."""
    expect(page.locator(".mnist-paper")).to_have_attribute("data-known", str(count))


def told(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("window.told")
    return found


def strokes(page: Page) -> list[dict[str, Any]]:
    page.wait_for_function("document.querySelector('.mnist-paper')?.mounted")
    found: list[dict[str, Any]] = page.evaluate(f"{MOUNTED}.drawing()")
    return found


def prepared(page: Page) -> Prepared:
    """What the server makes of the strokes."""
    drawn = paper._drawn(strokes(page))
    assert drawn is not None
    found = prepare(drawn.picture, drawn.evened)
    assert found is not None
    return found


@pytest.mark.parametrize(("way", "digits"), [("mouse", (0, 4)), ("finger", (7,))])
def test_digits_are_read_as_on_the_server(
    server: str, trained: Run, page_for: Callable[[str], Page], way: str, digits: tuple[int, ...]
) -> None:
    page = page_for(way)
    page.set_viewport_size({"width": 420, "height": 900})
    canvas = open_paper(page, server)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for digit in digits:
        WAYS[way](page, canvas, DIGITS[digit])
        expect_known(page, len(DIGITS[digit]))
        said = told(page)[-1]
        assert (said["paper"], said["done"]) == ("digit", True)
        expected = prepared(page)
        np.testing.assert_array_equal(np.array(said["image"]).reshape(28, 28), expected.image)
        probabilities = predict(trained, 1, expected.image[None])[0]
        page.wait_for_function(f"{MOUNTED}.answer()?.unlike != null")  # the one to the whole drawing is there
        answer = page.evaluate(f"{MOUNTED}.answer()")
        np.testing.assert_allclose(answer["probabilities"], probabilities, atol=1e-5)
        assert answer["warning"] == rejection.warning(expected, probabilities)
        expect(bars(page).filter(has_text="▸")).to_contain_text(f"▸ {probabilities.argmax()}")
        part(page, "clear").click()
        expect_known(page, 0)
        assert told(page)[-1]["image"] is None


@pytest.mark.usefixtures("trained")
def test_the_answer_comes_while_the_pen_moves(server: str, page: Page) -> None:
    canvas = open_paper(page, server)
    box = canvas.bounding_box()
    assert box is not None
    x, y, side = box["x"] + box["width"] / 2, box["y"], box["height"]
    page.evaluate("window.told = []")
    page.mouse.move(x, y + 0.15 * side)
    page.mouse.down()
    page.mouse.move(x, y + 0.85 * side, steps=20)
    expect(part(page, "digit")).to_have_text("1")
    assert {one["done"] for one in told(page)} == {False}
    expect_known(page, 0)
    page.mouse.up()
    expect_known(page, 1)
    expect(part(page, "digit")).to_have_text("1")


@pytest.mark.usefixtures("trained")
def test_the_pen_skips_nothing_that_is_heard(server: str, page: Page) -> None:
    canvas = open_paper(page, server)
    box = canvas.bounding_box()
    assert box is not None
    left, top, scale = box["x"], box["y"], PAPER / box["width"]
    page.evaluate("addEventListener('pointermove', ({pointerId}) => { window.mouse = pointerId; })")
    sent = [(left + 20 + i, top + 30 + (i * 7) % 90) for i in range(120)]
    page.mouse.move(*sent[0])
    page.mouse.down()
    for place in sent[1:20]:
        page.mouse.move(*place)
    # A browser whose screen is slower than the hand tells of several places in one event.
    page.evaluate(
        """(batches) => {
            const canvas = document.querySelector(".mnist-paper [data-part=paper]");
            const event = ([clientX, clientY], rest = {}) =>
                new PointerEvent("pointermove", {pointerId: window.mouse, clientX, clientY, bubbles: true, ...rest});
            for (const batch of batches) {
                canvas.dispatchEvent(event(batch.at(-1), {coalescedEvents: batch.map((place) => event(place))}));
            }
        }""",
        [sent[i : i + 10] for i in range(20, 120, 10)],
    )
    page.mouse.up()
    expect_known(page, 1)
    (stroke,) = strokes(page)
    expected = [[(x - left) * scale, (y - top) * scale] for x, y in sent]
    np.testing.assert_allclose(np.array(stroke["places"]), expected, atol=2)  # a mouse's events hold whole pixels


@pytest.mark.usefixtures("trained")
def test_the_drawing_is_there_again_with_its_undo(server: str, page: Page) -> None:
    canvas = open_paper(page, server)
    for stroke in DIGITS[4]:
        WAYS["mouse"](page, canvas, [stroke])
    drawn = strokes(page)
    expect_known(page, 2)
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    page.get_by_role("link", name="Look inside", exact=True).click()
    expect(page.get_by_role("heading", name="Look inside", exact=True)).to_be_visible()  # Home has a paper as well
    expect_known(page, 2)
    assert strokes(page) == drawn
    part(page, "undo").click()
    assert strokes(page) == drawn[:1]
    part(page, "redo").click()
    assert strokes(page) == drawn
    canvas.press("Escape")
    expect_known(page, 0)
    canvas.press("Control+z")
    expect_known(page, 2)
    assert strokes(page) == drawn


@pytest.mark.usefixtures("trained")
def test_by_keyboard_alone(server: str, page: Page) -> None:
    canvas = open_paper(page, server)
    canvas.focus()
    for key, times in (("ArrowUp", 7), (" ", 1), ("ArrowDown", 13), (" ", 1)):
        for _ in range(times):
            page.keyboard.press(key)
    expect(part(page, "digit")).to_have_text("1")
    expect(page.get_by_role("status").filter(has_text="Read as 1")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(part(page, "undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect_known(page, 0)
