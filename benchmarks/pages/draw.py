"""How soon a prediction is shown after the brush is lifted, in Chromium: `python -m benchmarks draw`.

The real server with the shipped network and a real browser. The ten digits of `tests/support/pen.py` are drawn in
rounds, by mouse and then by finger. The clock stops when the page shows the 28x28 image of the last stroke.
"""

from collections.abc import Iterator

from playwright.sync_api import Locator, Page

from benchmarks.harness.browser import dashboard
from benchmarks.harness.results import Row
from tests.support.pen import DIGITS, WAYS

# Set before the last point, so that the clock starts in the browser, with the event that lifts the brush. An answer
# that came for an earlier stroke is another node or another image.
WATCH = """() => {
  const image = () => document.querySelector('img[alt^="Your digit in 28"]')?.src;
  const before = image();
  window.answeredAfter = null;
  const lifted = () => {
    const start = performance.now();
    for (const type of ["mouseup", "touchend"]) removeEventListener(type, lifted, true);
    const look = () => {
      const now = image();
      if (now && now !== before) window.answeredAfter = performance.now() - start;
      else requestAnimationFrame(look);
    };
    look();
  };
  for (const type of ["mouseup", "touchend"]) addEventListener(type, lifted, true);
}"""


def answer_times(page: Page, way: str, rounds: int) -> tuple[list[float], int]:
    """Milliseconds for each digit, and how many predictions were correct."""
    times, correct = [], 0
    for number in range(10 * rounds):
        digit = number % 10
        *first, last = DIGITS[digit]
        canvas = ready(page)
        if first:
            WAYS[way](page, canvas, first)
            page.wait_for_timeout(700)  # as a hand goes to its next stroke; that answer is there by then
        page.evaluate(WATCH)
        WAYS[way](page, canvas, [last])
        page.wait_for_function("window.answeredAfter !== null", polling=20)
        times.append(page.evaluate("window.answeredAfter"))
        page.wait_for_timeout(500)
        read = page.locator(".answer-digit")
        correct += read.count() == 1 and read.inner_text() == str(digit)
        page.get_by_role("button", name="Clear").click()
        page.get_by_text("the answer appears here").wait_for()
        page.wait_for_timeout(500)
    return times, correct


def ready(page: Page) -> Locator:
    canvas = page.get_by_role("img", name="Paper to draw a digit on")
    canvas.wait_for()
    return canvas


def measure(rounds: int = 5) -> Iterator[Row]:
    """Brush lifted to prediction shown, by mouse and by finger."""
    with dashboard("Draw") as page:
        yield measured(page, "mouse", "by mouse", rounds)
        assert page.context.browser
        phone = page.context.browser.new_context(viewport={"width": 420, "height": 1000}, has_touch=True).new_page()
        phone.goto(page.url)
        yield measured(phone, "finger", "by finger, 420 pixels wide", rounds)


def measured(page: Page, way: str, what: str, rounds: int) -> Row:
    page.get_by_text("the answer appears here").wait_for(timeout=60_000)
    answer_times(page, way, 1)  # warm
    times, correct = answer_times(page, way, rounds)
    note = f"{correct} of {len(times)} correct"
    return Row(f"brush up to prediction, {what}", "ms", times, "at most 400 ms (95th percentile)", note)
