"""From lifting the brush to the answer, in Chromium: `python -m benchmarks.pages.draw`.

The real server with the shipped network and a real browser; the ten digits of `tests/support/pen.py`, a round each by
mouse and by finger. It ends when the page shows the answer to the last stroke: the 28x28 image that belongs to it.
"""

from playwright.sync_api import Locator, Page

from benchmarks.harness.browser import dashboard
from benchmarks.harness.results import Row, show
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
    """Milliseconds for each digit, and how many were read rightly."""
    times, right = [], 0
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
        right += read.count() == 1 and read.inner_text() == str(digit)
        page.get_by_role("button", name="Clear").click()
        page.get_by_text("the answer appears here").wait_for()
        page.wait_for_timeout(500)
    return times, right


def ready(page: Page) -> Locator:
    canvas = page.get_by_role("img", name="Paper to draw a digit on")
    canvas.wait_for()
    return canvas


def measure(rounds: int = 5) -> list[Row]:
    """Brush-up to answer, by mouse and by finger."""
    with dashboard("Draw") as page:
        rows = [measured(page, "mouse", "by mouse", rounds)]
        assert page.context.browser
        phone = page.context.browser.new_context(viewport={"width": 420, "height": 1000}, has_touch=True).new_page()
        phone.goto(page.url)
        return [*rows, measured(phone, "finger", "by finger, 420 pixels wide", rounds)]


def measured(page: Page, way: str, what: str, rounds: int) -> Row:
    page.get_by_text("the answer appears here").wait_for(timeout=60_000)
    answer_times(page, way, 1)  # warm
    times, right = answer_times(page, way, rounds)
    note = f"{right} of {len(times)} read rightly"
    return Row(f"brush up to answer, {what}", "ms", times, "at most 400 ms (95th percentile)", note)


if __name__ == "__main__":
    show(measure())
