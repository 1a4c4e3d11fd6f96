"""The exported page as somebody gets it: a file, opened without a network."""

import io
import mimetypes
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, expect

from mnist_core.data import mnist
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.drawing.prepare import prepare
from mnist_core.drawing.rejection import detector
from mnist_core.drawing.strokes import BRUSH, PAPER
from mnist_core.evaluation import calibration
from mnist_core.export.html import packing, program
from mnist_core.export.html.page import build
from mnist_core.models.inference import load_network
from mnist_core.runs import store
from mnist_core.runs.run import answering_epoch
from tests.support.pen import DIGITS, WAYS


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the run that came with the project, not checked over the test digits, which takes its time."""
    run = store.find("shipped")
    fit = calibration.fitted(run, answering_epoch(run))
    assert fit is not None
    told = program.of_run(run.record().config.model, load_network(run), fit.temperature)
    no_digit = program.describe(list(detector()))
    parts = ((told, packing.pack(told, 16)), (no_digit, packing.pack(no_digit, 8)))
    target = tmp_path_factory.mktemp("exported") / "digits.html"
    target.write_bytes(build(*parts, ["It reads one digit at a time."]))
    assert target.stat().st_size < 700_000
    return target


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 420, "height": 900}, has_touch=True, offline=True)
    yield context
    context.close()


@pytest.fixture
def tab(context: BrowserContext, exported: Path) -> Iterator[Page]:
    """The page, opened; it asks for nothing, and its console stays empty."""
    tab = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(exported.as_uri())
    yield tab
    assert (asked, said) == ([exported.as_uri()], [])


def paper(tab: Page) -> Locator:
    return tab.get_by_label("Paper to draw a digit on")


def digit(tab: Page) -> Locator:
    return tab.locator("#digit")


def press(tab: Page, name: str) -> None:
    tab.get_by_role("button", name=name).click()


def draw_no_digit(tab: Page) -> None:
    WAYS["mouse"](tab, paper(tab), [[(20, 20), (80, 80)], [(80, 20), (20, 80)], [(20, 50), (80, 50)]])


@pytest.mark.parametrize(("way", "digits"), [("mouse", range(10)), ("finger", (4,))])
def test_digits_are_read(tab: Page, way: str, digits: Iterable[int]) -> None:
    for number in digits:
        WAYS[way](tab, paper(tab), DIGITS[number])
        expect(digit(tab)).to_have_text(str(number))
        bars = tab.get_by_role("table", name="Probability of each digit").get_by_role("row")
        expect(bars).to_have_count(10)
        expect(bars.filter(has_text="▸")).to_contain_text(f"▸ {number}")
        expect(tab.get_by_role("status")).to_contain_text(f"Read as {number}")
        press(tab, "Clear")
        expect(digit(tab)).to_have_text("")


@pytest.mark.parametrize(("width", "height"), [(360, 640), (740, 360)])
def test_a_phones_screen_shows_paper_and_answer_at_once(tab: Page, width: int, height: int) -> None:
    tab.set_viewport_size({"width": width, "height": height})
    WAYS["finger"](tab, paper(tab), DIGITS[7])
    expect(digit(tab)).to_have_text("7")
    for part in (paper(tab), digit(tab), *(tab.locator(f"#{name}") for name in ("seen", "sure", "undo", "clear"))):
        expect(part).to_be_in_viewport(ratio=1)
    assert tab.evaluate("scrollY") == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [360, 420, 1200])
def test_nothing_jumps(tab: Page, width: int) -> None:
    places = """() => {
        scrollTo(0, 0);
        const ids = ["paper", "clear", "source", "seen", "bars"];
        const tops = ids.map((id) => document.getElementById(id).getBoundingClientRect().y);
        return [...tops, document.documentElement.scrollHeight];
    }"""
    tab.set_viewport_size({"width": width, "height": 640})
    before = tab.evaluate(places)
    WAYS["mouse"](tab, paper(tab), DIGITS[1])
    expect(digit(tab)).to_have_text("1")
    assert tab.evaluate(places) == before
    draw_no_digit(tab)
    expect(tab.locator("#warning")).to_contain_text("does not look like a digit")  # the longest warning
    assert tab.evaluate(places) == before


def test_undo_and_redo(tab: Page) -> None:
    WAYS["mouse"](tab, paper(tab), DIGITS[1])
    draw_no_digit(tab)
    expect(tab.locator("#warning")).not_to_have_text("")
    for _ in range(3):
        press(tab, "Undo")
    expect(digit(tab)).to_have_text("1")
    press(tab, "Undo")
    expect(tab.get_by_text("the answer appears here")).to_be_visible()
    tab.keyboard.press("Control+Shift+z")
    expect(digit(tab)).to_have_text("1")


def test_paper_and_brush_are_the_draw_pages(tab: Page) -> None:
    assert tab.evaluate("[reader.SIDE, Number(document.getElementById('brush').value)]") == [PAPER, BRUSH]


def test_by_keyboard_alone(tab: Page) -> None:
    tab.keyboard.press("Tab")
    expect(paper(tab)).to_be_focused()
    for key, times in (("ArrowUp", 7), (" ", 1), ("ArrowDown", 13), (" ", 1)):
        for _ in range(times):
            tab.keyboard.press(key)
    expect(digit(tab)).to_have_text("1")
    for name in ("undo", "redo", "clear", "brush", "choose"):
        tab.keyboard.press("Tab")
        expect(tab.locator(f"#{name}")).to_be_focused()


def test_clear_in_the_middle_of_a_stroke(tab: Page) -> None:
    box = paper(tab).bounding_box()
    assert box is not None
    x, y = box["x"] + 150, box["y"] + 50
    tab.mouse.move(x - 100, y)
    tab.mouse.down()
    tab.mouse.move(x, y)
    tab.locator("#clear").press("Enter")
    for down in range(0, 210, 10):
        tab.mouse.move(x, y + down)
    tab.mouse.up()
    expect(digit(tab)).to_have_text("1")


def test_a_mouse_ends_what_the_keyboard_has_begun(tab: Page) -> None:
    paper(tab).focus()
    for key in [*["ArrowUp"] * 7, " ", *["ArrowDown"] * 13]:
        tab.keyboard.press(key)
    draw_no_digit(tab)
    for _ in range(3):
        press(tab, "Undo")
    expect(digit(tab)).to_have_text("1")


def test_a_held_space_bar_puts_the_pen_down_once(tab: Page) -> None:
    paper(tab).focus()
    for key in [*["ArrowUp"] * 7, " ", " ", *["ArrowDown"] * 13]:  # the second is a repetition: no `up` comes before it
        tab.keyboard.down(key)
    tab.keyboard.up(" ")
    tab.keyboard.press(" ")
    expect(digit(tab)).to_have_text("1")


def test_a_picture(tab: Page, prepared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_HOME", str(prepared_data.parent))
    seven = mnist.load_arrays("test").images[0]
    path = tmp_path / "seven.png"
    Image.fromarray(255 - np.kron(seven, np.ones((80, 80), np.uint8))).save(path)  # large: it is reduced
    tab.locator("#file").set_input_files(path)
    expect(digit(tab)).to_have_text("7")
    expect(tab.locator("#source")).to_contain_text("about seven.png")
    image = tab.evaluate("Array.from(document.getElementById('seen').getContext('2d').getImageData(0, 0, 28, 28).data)")
    expected = prepare(read_picture(path))
    assert expected is not None
    np.testing.assert_array_equal(np.array(image).reshape(28, 28, 4)[..., 0], expected.image)
    press(tab, "Undo")
    expect(digit(tab)).to_have_text("")


def test_a_file_that_is_no_picture_changes_nothing(tab: Page) -> None:
    tiff = io.BytesIO()
    Image.new("L", (28, 28), 255).save(tiff, "TIFF")
    files = {
        "a.tiff": tiff.getvalue(),
        "a.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "a.png": b"",
        "a.txt": b"no",
    }

    def refused(name: str) -> str:
        kind = mimetypes.guess_type(name)[0] or ""
        tab.locator("#file").set_input_files({"name": name, "mimeType": kind, "buffer": files[name]})
        return f"{name} could not be read: give a PNG, JPEG, GIF, BMP or WebP file."

    heic = FilePayload(name="a.heic", mimeType="image/heic", buffer=b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    tab.locator("#file").set_input_files(heic)
    expect(tab.locator("#source")).to_contain_text("a.heic is a HEIC picture, which this browser does not read")
    expect(tab.locator("#source")).to_have_text(refused("a.txt"))
    WAYS["mouse"](tab, paper(tab), DIGITS[7])
    for name in files:
        expect(tab.locator("#source")).to_have_text(f"{refused(name)} The answer is still about your drawing.")
        expect(digit(tab)).to_have_text("7")
