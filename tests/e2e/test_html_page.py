"""The exported page as somebody gets it: a file, opened without a network."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from mnist_core.data import mnist
from mnist_core.drawing.picture_file import read_picture
from mnist_core.drawing.prepare import prepare
from mnist_core.drawing.rejection import detector
from mnist_core.evaluation import calibration
from mnist_core.export.html import packing, program
from mnist_core.export.html.page import build
from mnist_core.models.inference import load_network
from mnist_core.runs import store
from mnist_core.runs.run import answering_epoch
from tests.support.pen import DIGITS, WAYS
from ui.draw.canvas import BRUSH, SIDE


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


@pytest.mark.parametrize(("way", "digits"), [("mouse", range(10)), ("finger", (0, 4, 7))])
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


def test_undo_redo_and_nothing_jumps(tab: Page) -> None:
    places = """() => {
        scrollTo(0, 0);
        const ids = ["paper", "clear", "source", "seen", "bars"];
        const tops = ids.map((id) => document.getElementById(id).getBoundingClientRect().y);
        return [...tops, document.documentElement.scrollHeight];
    }"""
    before = tab.evaluate(places)
    WAYS["mouse"](tab, paper(tab), DIGITS[1])
    expect(digit(tab)).to_have_text("1")
    assert tab.evaluate(places) == before
    WAYS["mouse"](tab, paper(tab), [[(20, 20), (80, 80)], [(80, 20), (20, 80)], [(20, 50), (80, 50)]])
    expect(tab.locator("#warning")).not_to_have_text("")
    assert tab.evaluate(places) == before
    for _ in range(3):
        press(tab, "Undo")
    expect(digit(tab)).to_have_text("1")
    press(tab, "Undo")
    expect(tab.get_by_text("the answer appears here")).to_be_visible()
    tab.keyboard.press("Control+Shift+z")
    expect(digit(tab)).to_have_text("1")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than a phone"


def test_paper_and_brush_are_the_draw_pages(tab: Page) -> None:
    assert tab.evaluate("[reader.SIDE, Number(document.getElementById('brush').value)]") == [SIDE, BRUSH]


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
    path.write_text("no picture")
    tab.locator("#file").set_input_files(path)
    expect(tab.locator("#source")).to_have_text(re.compile("seven.png is not a picture"))
    expect(digit(tab)).to_have_text("7")
    press(tab, "Undo")
    expect(digit(tab)).to_have_text("")
