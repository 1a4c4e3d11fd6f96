"""The answer on the Draw page while the pen moves, by the browser's engine, against the server's after the stroke."""

import base64
import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from mnist_core.evaluation.prediction import predict
from mnist_core.runs.run import Run
from tests.support.pen import DIGITS, WAYS, Stroke

LIVE = "document.querySelector('.live-answer')?.mounted"
SCRIBBLE: list[Stroke] = [[(20, 20), (80, 80)], [(80, 20), (20, 80)], [(20, 50), (80, 50)]]
TWO: list[Stroke] = [[(25, 20), (25, 80)], [(75, 20), (75, 80)]]
DOT: list[Stroke] = [[(50, 50), (51, 50)]]
SAID: dict[str, list[Stroke]] = {"scribble": SCRIBBLE, "two": TWO, "dot": DOT, "edge": [[(50, 2), (50, 80)]]}


def answered(page: Page, before: str | None) -> np.ndarray:
    """The image in the server's answer once it is another than `before`, uint8 (28, 28)."""
    image = page.get_by_alt_text("Your digit in 28 by 28")
    if before is not None:
        expect(image).not_to_have_attribute("src", before)
    expect(image).to_be_visible()
    content = (image.get_attribute("src") or "").partition("base64,")[2]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("L"))


def live(page: Page) -> dict[str, Any]:
    """The answer of the engine to the whole drawing."""
    page.wait_for_function(f"{LIVE}.answer()?.isDone")
    found: dict[str, Any] = page.evaluate(
        f"(({{image, probabilities, warning}}) => ({{image: [...image], probabilities, warning}}))({LIVE}.answer())"
    )
    return found


@pytest.mark.parametrize(("width", "way"), [(1440, "mouse"), (330, "finger")])
def test_both_say_the_same(server: str, trained: Run, page_for: Callable[[str], Page], width: int, way: str) -> None:
    page = page_for(way)
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(f"{server}/Draw?run={trained.id}")
    canvas = page.get_by_role("img", name="Paper to draw a digit on")
    expect(canvas).to_be_visible()
    page.wait_for_function(f"{LIVE}?.isReady()")
    drawings = {"0": DIGITS[0], **SAID} if way == "mouse" else {"4": DIGITS[4]}
    for name, strokes in drawings.items():
        for stroke in strokes:
            before = page.get_by_alt_text("Your digit in 28 by 28")
            source = before.get_attribute("src") if before.count() else None
            WAYS[way](page, canvas, [stroke])
            image = answered(page, source)
        found = live(page)
        np.testing.assert_array_equal(np.array(found["image"], np.uint8).reshape(28, 28), image, err_msg=name)
        expected = predict(trained, 1, image[None])[0]
        np.testing.assert_allclose(found["probabilities"], expected, atol=1e-5)
        expect(page.locator(".live-answer")).to_be_hidden()
        words = page.locator(".st-key-server_answer .answer-unsure")
        assert (words.text_content() if words.count() else None) == found["warning"], name
        page.get_by_role("button", name="Clear", exact=True).click()
        expect(page.get_by_text("the answer appears here")).to_be_visible()


@pytest.mark.usefixtures("trained")
def test_it_stands_where_the_servers_will(server: str, page: Page) -> None:
    page.goto(f"{server}/Draw")
    canvas = page.get_by_role("img", name="Paper to draw a digit on")
    expect(canvas).to_be_visible()
    page.wait_for_function(f"{LIVE}?.isReady()")
    places = """(where) => ["figcaption", ".answer-title", ".answer-bars"].map((part) => {
        const {x, y, width, height} = document.querySelector(`${where} ${part}`).getBoundingClientRect();
        return [x, y, width, height].map(Math.round);
    })"""
    box = canvas.bounding_box()
    assert box is not None
    x, y, side = box["x"] + box["width"] / 2, box["y"], box["height"]
    below = page.locator(".st-key-server_answer button").first
    for number in range(2):  # at first there is only the invitation
        page.mouse.move(x, y + 0.15 * side)
        page.mouse.down()
        page.mouse.move(x, y + 0.85 * side, steps=15)
        expect(page.locator(".live-answer .answer-digit")).to_have_text("1")
        expect(page.locator(".live-answer")).to_be_visible()
        expect(page.get_by_text("the answer appears here")).to_be_hidden()
        expect(page.locator(".st-key-server_answer .answer")).to_be_hidden()
        moving, height = page.evaluate(places, ".live-answer"), below.bounding_box() if number else None
        page.mouse.up()
        expect(page.locator(".st-key-server_answer .answer")).to_be_visible()
        expect(page.locator(".live-answer")).to_be_hidden()
        assert page.evaluate(places, ".st-key-server_answer") == moving
        assert height is None or below.bounding_box() == height
        x += 3


@pytest.mark.usefixtures("trained")
def test_without_the_engine_the_server_answers(server: str, page: Page) -> None:
    page.route(re.compile(r"networks/.+\.json"), lambda route: route.abort())
    page.goto(f"{server}/Draw")
    canvas = page.get_by_role("img", name="Paper to draw a digit on")
    expect(canvas).to_be_visible()
    WAYS["mouse"](page, canvas, DIGITS[1])
    expect(page.locator(".st-key-server_answer .answer-digit")).to_have_text("1")
    assert not page.evaluate(f"{LIVE}?.answer() ?? false")
    expect(page.locator(".live-answer")).to_be_hidden()
