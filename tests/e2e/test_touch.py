"""Touches that are no strokes: cancelled ones, a hand beside the pen; a tap; and a pen that leaves the paper."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.runs.run import Run
from tests.support.pen import DIGITS, by_finger, by_mouse, on_screen

Touch = dict[str, float]


class Hand:
    """Touches of a screen at hundredths of a canvas, as the system tells the browser of them."""

    def __init__(self, page: Page, canvas: Locator) -> None:
        self.session, self.canvas = page.context.new_cdp_session(page), canvas

    def at(self, x: float, y: float, number: int = 0, radius: float = 10) -> Touch:
        ((place,),) = on_screen(self.canvas, [[(x, y)]])
        return {"x": place[0], "y": place[1], "id": number, "radiusX": radius, "radiusY": radius}

    def touch(self, kind: str, *touches: Touch) -> None:
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": list(touches)})


def pen_events(page: Page, canvas: Locator, pointers: list[tuple[str, str, int, float, float]]) -> None:
    """Pointer events of (type, pointerType, id, x, y), which the protocol sends of mice and fingers only."""
    found: list[Any] = [[*rest, *on_screen(canvas, [[(x, y)]])[0][0]] for *rest, x, y in pointers]
    canvas.evaluate(
        """(canvas, events) => {
            canvas.setPointerCapture = () => {};
            for (const [type, pointerType, pointerId, clientX, clientY] of events) {
                const said = {pointerType, pointerId, clientX, clientY, bubbles: true, button: 0};
                canvas.dispatchEvent(new PointerEvent(type, said));
            }
        }""",
        found,
    )


def strokes(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("document.querySelector('.mnist-paper').mounted.drawing()")
    return found


@pytest.mark.usefixtures("trained")
def test_on_the_papers_of_home_and_look_inside(server: str, phone_page: Page) -> None:
    page = phone_page
    page.goto(f"{server}/Look_inside")
    canvas = page.get_by_role("application", name="Paper to draw a digit on")
    expect(canvas).to_be_visible()
    by_finger(page, canvas, DIGITS[1])
    assert len(strokes(page)) == 1
    hand = Hand(page, canvas)
    # cancelled: dropped
    hand.touch("Start", hand.at(20, 20))
    hand.touch("Move", hand.at(60, 30))
    hand.touch("Cancel")
    assert len(strokes(page)) == 1
    # a palm alone draws nothing, nor does a second finger
    hand.touch("Start", hand.at(80, 80, radius=50))
    hand.touch("End")
    assert len(strokes(page)) == 1
    hand.touch("Start", hand.at(20, 70))
    hand.touch("Start", hand.at(20, 70), hand.at(80, 80, 1))
    hand.touch("Move", hand.at(40, 75), hand.at(85, 85, 1))
    hand.touch("End")
    assert len(strokes(page)) == 2
    # a tap is a dot; nobody is told of an error
    hand.touch("Start", hand.at(90, 10))
    hand.touch("End")
    assert [len(stroke["places"]) for stroke in strokes(page)[2:]] == [1]
    # a hand that lay there before its pen
    page.locator(".mnist-paper [data-part=clear]").click()
    moves = [("pointerdown", "touch", 7, 80, 80), ("pointerdown", "pen", 8, 20, 20), ("pointermove", "pen", 8, 40, 40)]
    pen_events(page, canvas, [*moves, ("pointermove", "touch", 7, 85, 85), ("pointerup", "pen", 8, 40, 40)])
    (stroke,) = strokes(page)
    assert len(stroke["places"]) == 2
    pen_events(page, canvas, [("pointerdown", "touch", 9, 80, 80), ("pointerup", "touch", 9, 80, 80)])
    assert len(strokes(page)) == 1


@pytest.mark.usefixtures("trained")
def test_a_pen_that_leaves_the_paper_and_comes_back_draws_one_stroke(server: str, page: Page) -> None:
    page.goto(f"{server}/Look_inside")
    canvas = page.get_by_role("application", name="Paper to draw a digit on")
    expect(canvas).to_be_visible()
    by_mouse(page, canvas, [[(70, 20), (104, 20), (104, 80), (70, 80)]])
    (stroke,) = strokes(page)
    assert len(stroke["places"]) == 4  # outside as well, so that no line is drawn across the paper


def test_on_the_canvas_of_draw(server: str, trained: Run, phone_page: Page) -> None:
    page = phone_page
    page.goto(f"{server}/Draw")
    canvas = page.get_by_role("img", name="Paper to draw a digit on")
    expect(canvas).to_be_visible()
    undo = page.get_by_role("button", name="Undo", exact=True)
    hand = Hand(page, canvas)
    # cancelled: dropped
    hand.touch("Start", hand.at(20, 20))
    hand.touch("Move", hand.at(60, 30))
    hand.touch("Cancel")
    # a palm: not drawn
    hand.touch("Start", hand.at(80, 80, radius=50))
    hand.touch("End")
    # a stroke is sent when its own finger leaves, though a hand still rests there
    one = DIGITS[1][0]
    hand.touch("Start", hand.at(*one[0]))
    hand.touch("Start", hand.at(*one[0]), hand.at(80, 80, 1))
    for place in one[1:]:
        hand.touch("Move", hand.at(*place), hand.at(80, 80, 1))
    hand.touch("End", hand.at(*one[-1]))  # this one alone
    expect(undo).to_be_enabled()
    hand.touch("End")
    undo.click()
    expect(undo).to_be_disabled()  # it was the only stroke
    # a tap is a dot, and a sentence
    hand.touch("Start", hand.at(50, 50))
    hand.touch("End")
    expect(page.get_by_text("only a dot")).to_be_visible()
