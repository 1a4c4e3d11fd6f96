"""Draw in a real browser: digits by mouse and by finger, undo, redo, a page change, a file, a whole number."""

import io
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from mnist_core.data import mnist
from tests.support import pen
from tests.support.pen import DIGITS, WAYS

INVITATION = "the answer appears here"


def open_canvas(page: Page, server: str, name: str = "Paper to draw a digit on", query: str = "") -> Locator:
    page.goto(f"{server}/Draw{query}")
    canvas = page.get_by_role("img", name=name)
    expect(canvas).to_be_visible()
    return canvas


def answer(page: Page) -> Locator:
    return page.get_by_role("status").locator(".answer-digit")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def seen(page: Page) -> str:
    """The 28x28 image, as the page holds it."""
    return page.get_by_alt_text("Your digit in 28 by 28").get_attribute("src") or ""


@pytest.mark.usefixtures("home")  # with nothing trained: the network that came with the project reads them
@pytest.mark.parametrize(("way", "digits"), [("mouse", (2, 5, 8)), ("finger", (4,))])
def test_digits_are_read(server: str, page_for: Callable[[str], Page], way: str, digits: Iterable[int]) -> None:
    page = page_for(way)
    canvas = open_canvas(page, server)
    for digit in digits:
        WAYS[way](page, canvas, DIGITS[digit])
        expect(answer(page)).to_have_text(str(digit))
        expect(page.get_by_text(INVITATION)).to_be_hidden()
        bars = page.get_by_role("table", name="Probability of each digit").get_by_role("row")
        expect(bars).to_have_count(10)
        expect(bars.filter(has_text="▸")).to_contain_text(f"▸ {digit}")
        button(page, "Clear").click()
        expect(page.get_by_text(INVITATION)).to_be_visible()
        expect(answer(page)).to_have_count(0)


@pytest.mark.usefixtures("trained")
def test_undo_redo_and_a_page_change_keep_the_drawing(server: str, page: Page) -> None:
    canvas = open_canvas(page, server)
    down, bar = DIGITS[4]
    pen.by_mouse(page, canvas, [down])
    expect(page.get_by_alt_text("Your digit in 28 by 28")).to_be_visible()  # half a 4 may be doubted
    without = seen(page)
    bars = page.get_by_role("table", name="Probability of each digit")
    place = bars.bounding_box()

    page.get_by_role("slider", name="Brush width").press("ArrowLeft")
    pen.by_mouse(page, canvas, [bar])
    expect(answer(page)).to_have_text("4")  # and not a lone line: the stroke before is still there
    whole, painted = seen(page), canvas_pixels(page)
    assert bars.bounding_box() == place  # nothing jumps

    button(page, "Undo").click()
    expect(page.get_by_alt_text("Your digit in 28 by 28")).to_have_attribute("src", without)
    button(page, "Redo").click()
    expect(page.get_by_alt_text("Your digit in 28 by 28")).to_have_attribute("src", whole)
    page.wait_for_function("painted => window.ink() === painted", arg=painted)

    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    page.get_by_role("link", name="Draw").first.click()
    expect(canvas).to_be_visible()
    expect(page.get_by_alt_text("Your digit in 28 by 28")).to_have_attribute("src", whole)
    page.wait_for_function("painted => window.ink() === painted", arg=painted)  # and it is on the canvas
    expect(page.get_by_role("slider", name="Brush width")).to_have_value("22")
    pen.by_mouse(page, canvas, [[(20, 90), (80, 90)]])
    expect(page.get_by_alt_text("Your digit in 28 by 28")).not_to_have_attribute("src", whole)
    button(page, "Undo").click()
    expect(page.get_by_alt_text("Your digit in 28 by 28")).to_have_attribute("src", whole)
    button(page, "Undo").click()  # also what was drawn before the page was left can be undone
    expect(page.get_by_alt_text("Your digit in 28 by 28")).to_have_attribute("src", without)


def canvas_pixels(page: Page) -> int:
    """How many pixels of the canvas are white."""
    return int(
        page.evaluate(
            """() => {
              window.ink = () => {
                const host = [...document.querySelectorAll(".st-key-paper_digit *")].find((node) => node.shadowRoot);
                const canvas = host?.shadowRoot.querySelector("canvas.lower-canvas");
                if (!canvas) return 0;
                const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                let white = 0;
                for (let i = 0; i < pixels.length; i += 4) white += pixels[i] > 127;
                return white;
              };
              return window.ink();
            }"""
        )
    )


@pytest.mark.usefixtures("trained")
def test_a_picture_is_read_chosen_or_pasted_and_the_drawing_is_kept(server: str, page: Page) -> None:
    canvas = open_canvas(page, server)
    pen.by_mouse(page, canvas, DIGITS[1])
    expect(answer(page)).to_have_text("1")
    seven = 255 - np.pad(mnist.load_arrays("test").images[0], 40)
    Image.fromarray(seven).save(file := io.BytesIO(), "PNG")
    chooser = page.locator('input[type="file"]')
    chooser.set_input_files({"name": "seven.png", "mimeType": "image/png", "buffer": file.getvalue()})
    expect(answer(page)).to_have_text("7")
    button(page, "Remove seven.png").click()
    expect(answer(page)).to_have_text("1")

    page.evaluate(
        """(bytes) => {
          const carrier = new DataTransfer();
          carrier.items.add(new File([new Uint8Array(bytes)], "image.png", {type: "image/png"}));
          document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: carrier, bubbles: true}));
        }""",
        list(file.getvalue()),
    )
    expect(answer(page)).to_have_text("7")
    pen.by_mouse(page, canvas, [pen.line((43, 60), (57, 60))])
    expect(page.get_by_text("about the drawing, which came after")).to_be_visible()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("way", list(WAYS))
def test_a_whole_number_is_read(server: str, page_for: Callable[[str], Page], way: str) -> None:
    page = page_for(way)  # on a phone the wide paper is shown smaller
    canvas = open_canvas(page, server, "Paper to draw a number on", "?paper=A+whole+number")
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    for place, digit in enumerate((2, 0, 5, 4)):
        small = [[(2 + 24 * place + 0.24 * x, 50 + (y - 50) * 0.8) for x, y in stroke] for stroke in DIGITS[digit]]
        WAYS[way](page, canvas, small)
    expect(page.get_by_label("The number 2054")).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.evaluate("innerWidth")
