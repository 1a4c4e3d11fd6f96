"""Draw in a real browser: strokes by mouse, the network's answer, Clear."""

import math

import pytest
from playwright.sync_api import Locator, Page, expect

INVITATION = "the answer appears here"
Stroke = list[tuple[float, float]]

# In hundredths of the canvas, as a person writes them.
ONE: Stroke = [(50 + (18 - i) / 6, 18 + 3.5 * i) for i in range(19)]
ZERO: Stroke = [
    (50 + 22 * math.sin(math.tau * i / 60), 50 - 32 * math.cos(math.tau * i / 60)) for i in range(62)
]  # closed, and a little over


def open_canvas(page: Page, server: str) -> Locator:
    page.goto(f"{server}/Draw")
    expect(page.get_by_text(INVITATION)).to_be_visible()
    return ready_canvas(page)


def ready_canvas(page: Page) -> Locator:
    """The canvas that takes the strokes, once it is there: the last of three."""
    expect(page.locator("canvas")).to_have_count(3)
    return page.locator("canvas").last


def draw(page: Page, canvas: Locator, stroke: Stroke) -> None:
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    points = [(box["x"] + x * box["width"] / 100, box["y"] + y * box["height"] / 100) for x, y in stroke]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()


def answer(page: Page) -> Locator:
    return page.get_by_role("status").locator(".answer-digit")


@pytest.mark.usefixtures("trained")
def test_a_one_and_a_zero_are_read_and_clear_empties_the_canvas(server: str, page: Page) -> None:
    canvas = open_canvas(page, server)
    for stroke, digit in ((ONE, "1"), (ZERO, "0")):
        draw(page, canvas, stroke)
        expect(answer(page)).to_have_text(digit)
        expect(page.get_by_text(INVITATION)).to_be_hidden()
        expect(page.get_by_alt_text("28 by 28")).to_be_visible()
        bars = page.get_by_role("table", name="Probability of each digit").get_by_role("row")
        expect(bars).to_have_count(10)
        expect(bars.filter(has_text="▸")).to_contain_text(f"▸ {digit}")

        page.get_by_role("button", name="Clear").click()
        expect(page.get_by_text(INVITATION)).to_be_visible()
        expect(answer(page)).to_have_count(0)
        canvas = ready_canvas(page)


@pytest.mark.usefixtures("trained")
def test_bars_stay_in_place_and_a_new_brush_keeps_the_drawing(server: str, page: Page) -> None:
    canvas = open_canvas(page, server)
    draw(page, canvas, ONE)
    expect(answer(page)).to_have_text("1")
    bars = page.get_by_role("table", name="Probability of each digit")
    one, place = bars.inner_text(), bars.bounding_box()

    page.get_by_role("slider", name="Brush width").press("ArrowLeft")
    draw(page, canvas, [(38, 20), (48, 18)])  # a flag
    expect(bars).not_to_have_text(one, use_inner_text=True)
    assert bars.bounding_box() == place
    expect(answer(page)).to_have_text("1")  # and not a lone flag: the stroke before is still there


def test_without_a_run_the_way_to_train_is_shown(server: str, page: Page) -> None:
    page.goto(f"{server}/Draw")
    page.get_by_role("link", name="Train a network").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
