"""The ten digits as a pen goes, and a hand that draws them in a browser by mouse or by finger.

In hundredths of the canvas. They were written down once by hand for the tests and are in no training data.
"""

import math
from collections.abc import Callable
from itertools import pairwise

from playwright.sync_api import Locator, Page

Stroke = list[tuple[float, float]]


def arc(x: float, y: float, across: float, down: float, start: float, end: float) -> Stroke:
    """Part of an ellipse from `start` to `end` degrees; 0 is at the top, clockwise."""
    count = max(8, round(abs(end - start) / 18))
    angles = [math.radians(start + (end - start) * i / count) for i in range(count + 1)]
    return [(x + across * math.sin(a), y - down * math.cos(a)) for a in angles]


def line(*corners: tuple[float, float]) -> Stroke:
    """Straight from corner to corner, a point about every six hundredths."""
    points: Stroke = [corners[0]]
    for (x0, y0), (x1, y1) in pairwise(corners):
        count = max(1, round(math.hypot(x1 - x0, y1 - y0) / 6))
        points += [(x0 + (x1 - x0) * i / count, y0 + (y1 - y0) * i / count) for i in range(1, count + 1)]
    return points


DIGITS: dict[int, list[Stroke]] = {
    0: [arc(50, 50, 21, 32, 0, 372)],
    1: [line((54, 17), (47, 83))],
    2: [arc(49, 34, 19, 16, -75, 130) + line((60, 46), (30, 80), (72, 79))],
    3: [arc(47, 34, 19, 15, -60, 175) + arc(47, 65, 22, 17, 10, 235)],
    4: [line((36, 18), (31, 54), (68, 52)), line((63, 22), (59, 84))],
    5: [line((39, 20), (36, 46)) + arc(46, 62, 22, 19, -25, 215), line((38, 20), (67, 18))],
    6: [line((60, 16), (46, 32), (36, 52)) + arc(50, 65, 17, 16, -75, 295)],
    7: [line((29, 22), (69, 21), (60, 42), (48, 84))],
    8: [
        arc(50, 33, 15, 15, 60, -170)
        + arc(50, 65, 18, 17, 0, 180)
        + arc(50, 65, 18, 17, 180, 340)
        + line((58, 46), (64, 32), (62, 25))
    ],
    9: [arc(50, 36, 16, 17, 75, -290) + line((66, 32), (64, 55), (57, 84))],
}


def by_mouse(page: Page, canvas: Locator, strokes: list[Stroke]) -> None:
    """Draw with the mouse."""
    for points in on_screen(canvas, strokes):
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def by_finger(page: Page, canvas: Locator, strokes: list[Stroke]) -> None:
    """Draw with one finger (the page's context needs `has_touch`)."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    for points in on_screen(canvas, strokes):
        touch("touchStart", points[0])
        for point in points[1:]:
            touch("touchMove", point)
        touch("touchEnd")


WAYS: dict[str, Callable[[Page, Locator, list[Stroke]], None]] = {"mouse": by_mouse, "finger": by_finger}


def on_screen(canvas: Locator, strokes: list[Stroke]) -> list[Stroke]:
    """The strokes in pixels of the page."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]
    return [[(left + x * width / 100, top + y * height / 100) for x, y in stroke] for stroke in strokes]
