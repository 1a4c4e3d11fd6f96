"""Kernels over the epochs and the lasso on the map, in a real browser."""

import contextlib
import re

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from mnist_core.interpretation import channels, embeddings
from mnist_core.interpretation.over_epochs.weights import distances, weight_history
from mnist_core.runs.run import Run
from tests.conftest import wait_until


@pytest.fixture
def channels_computed(trained: Run) -> None:
    """What a process of its own would compute meanwhile."""
    nine = [[0] * 9] * 10
    layer = {"most": nine, "least": nine, "most_values": nine, "least_values": nine}
    channels.ANALYSIS.study(trained, 1).load_or_compute(lambda report: {"conv1": layer})


@pytest.fixture
def map_computed(trained: Run) -> None:
    embeddings.TEST_ANALYSIS.load_or_compute(trained, 1)


@pytest.mark.usefixtures("channels_computed")
def test_kernels_play_in_the_browser_alone_and_a_click_chooses_one(page: Page, server: str, trained: Run) -> None:
    said_to_the_server: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: said_to_the_server.append(frame)))
    page.goto(f"{server}/Look_inside?view=Kernels&run={trained.id}")
    kernels = page.locator(".kernel-history")
    expect(kernels).to_have_attribute("data-shown", "1 0")
    expect(page.get_by_text("What excites channel 0 of convolution 1")).to_be_visible()
    already = len(said_to_the_server)
    assert already > 0
    slider = kernels.get_by_role("slider", name="Epoch")
    before = slider.bounding_box()
    kernels.get_by_role("button", name="Play the epochs").click()
    expect(kernels).to_have_attribute("data-shown", "0 0")  # from the end it begins again
    expect(kernels).to_have_attribute("data-shown", "1 0")
    slider.press("ArrowLeft")
    expect(kernels.get_by_text("Channel 0 before the first step")).to_be_visible()
    assert slider.bounding_box() == before, "nothing jumps"
    assert len(said_to_the_server) == already, "the server is not asked"

    slider.press("ArrowRight")
    pictures = kernels.locator("canvas.all")
    pictures.press("ArrowRight")
    pictures.press("ArrowRight")
    expect(page.get_by_text("What excites channel 2 of convolution 1")).to_be_visible()
    box = pictures.bounding_box()
    assert box is not None
    pictures.click(position={"x": box["width"] * 0.95, "y": box["height"] / 2})
    expect(page.get_by_text("What excites channel 9 of convolution 1")).to_be_visible()
    moved, _ = distances(weight_history(trained).weights["conv1"][:, 9])
    expect(kernels.get_by_text(f"moved {moved[1]:.3f} from the start")).to_be_visible()

    page.get_by_role("button", name="Try this: watch the first layer learn").click()
    expect(kernels).to_have_attribute("data-shown", "0 9")
    expect(kernels).to_have_attribute("data-shown", "1 9")
    page.get_by_role("radio", name="Fool it").click()
    expect(kernels).to_have_count(0)
    page.evaluate("""() => new MutationObserver((changes) => changes.forEach(({ target }) => {
      window.seen = `${window.seen ?? ""}${target.dataset.shown};`;
    })).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["data-shown"] })""")
    page.get_by_role("radio", name="Kernels").click()
    expect(kernels).to_have_attribute("data-shown", "1 9")
    assert "0 9" not in (page.evaluate("window.seen") or ""), "what was ordered once is played once"


@pytest.mark.usefixtures("map_computed")
def test_a_lasso_on_the_map_opens_its_digits_and_a_card_is_looked_at(page: Page, server: str, trained: Run) -> None:
    page.goto(f"{server}/Look_inside?view=Why&why_part=Map&run={trained.id}")
    chart = page.locator(".digit-map .live-chart")
    expect(chart).to_have_attribute("data-updates", re.compile(r"\d+"))
    told = page.get_by_text(re.compile(r"^\d+ digits, \d+ read wrongly"))

    def lasso() -> bool:  # until it has an effect: the page may still move as it is drawn
        drag = page.locator(".digit-map .nsewdrag")
        drag.scroll_into_view_if_needed()
        box = drag.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x - 60, y - 60)
        page.mouse.down()
        for right, below in ((60, -60), (60, 60), (-60, 60), (-60, -55)):
            page.mouse.move(x + right, y + below, steps=4)
        page.mouse.up()
        with contextlib.suppress(TimeoutError):
            told.wait_for(timeout=3000)
        return told.is_visible()

    wait_until(lasso, "the digits of the lasso")
    card = page.locator(".cards button").first
    index = card.get_attribute("data-value")
    card.click()
    expect(page.get_by_role("spinbutton", name="Test digit")).to_have_value(str(index))

    # By keyboard: to the surest mistake, and what lies around it.
    page.locator(".digit-map").press("ArrowRight")
    page.locator(".digit-map").press("Enter")
    expect(page.get_by_text(re.compile(r"^24 digits"))).to_be_visible()
