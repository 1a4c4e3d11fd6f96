"""The living network and one value worked out: layers against PyTorch's, the page's own numbers, its keys."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect

from mnist_core.config.networks import NETWORKS, ModelName
from mnist_core.data import mnist
from mnist_core.data.mnist import MEAN, STD
from mnist_core.evaluation.prediction import predict
from mnist_core.export.html import packing, program
from mnist_core.models.inference import load_network
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support import activations, html_engine
from tests.support.networks import varied
from tests.support.pen import DIGITS, on_screen
from tests.support.worked_out import check, numbers, script, told, work_out
from ui.common.text import percent

DIGIT = 3  # of the test digits


@pytest.fixture(scope="module")
def images(prepared_data: Path) -> np.ndarray:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_HOME", str(prepared_data.parent))
        return mnist.load_arrays("test").images[:20]


def open_network(page: Page, server: str, run: Run) -> None:
    page.goto(f"{server}/Look_inside?run={run.id}&digit={DIGIT}")
    page.locator(".living[data-ready]").wait_for()
    page.locator(".value[data-ready]").wait_for()


@pytest.mark.parametrize("name", get_args(ModelName))
def test_every_layer_holds_what_pytorchs_does(page: Page, images: np.ndarray, name: ModelName) -> None:
    page.goto("about:blank")
    html_engine.load_engine(page)
    network = varied(name)
    told_of = program.of_run(name, network, None)
    few = images[:3]
    found = activations.in_the_engine(page, told_of, packing.pack(told_of, 32), few)
    expected = activations.in_pytorch(network, few)
    assert len(found) == len(expected) >= 5
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs.reshape(len(few), -1), atol=2e-5 * np.abs(theirs).max())


def check_values(page: Page, kinds: dict[int, str], expected: list[np.ndarray]) -> None:
    """Ten values of each of these layers: their steps, and the values themselves."""
    rng = np.random.default_rng(12)
    for layer, kind in kinds.items():
        values = expected[layer][0].ravel()
        for at in rng.choice(len(values), 10, replace=len(values) < 10):
            said = work_out(page, layer, int(at))
            check(kind, said)
            assert float(told(said)) == pytest.approx(values[at], abs=1e-4)


def test_the_numbers_of_a_value_add_up_in_the_tutorials_network(
    page: Page, server: str, trained: Run, images: np.ndarray
) -> None:
    open_network(page, server, trained)
    image = images[DIGIT : DIGIT + 1]
    kinds = {0: "convolution", 1: "max_pool", 2: "relu", 3: "convolution", 6: "linear", 8: "linear"}
    check_values(page, kinds, activations.in_pytorch(load_network(trained, 1), image))
    answers = predict(trained, 1, image)[0]
    for digit in range(10):
        said = work_out(page, "probability", digit)
        check("softmax", said)
        assert float(told(said)) == pytest.approx(answers[digit], abs=1e-4)
        said = work_out(page, "loss", digit)
        check("loss", said)
        assert float(told(said)) == pytest.approx(-np.log(answers[digit]), abs=1e-3)
    for at in (0, 300, 406):
        said = work_out(page, -1, at)
        check("input", said)
        assert numbers(said["sentences"][0])[0] == int(image.ravel()[at])


def test_the_numbers_of_a_value_add_up_in_the_shipped_network(page: Page, server: str, images: np.ndarray) -> None:
    shipped = store.find("shipped")
    open_network(page, server, shipped)
    image = images[DIGIT : DIGIT + 1]
    kinds = {4: "convolution", 5: "scale", 17: "mean_pool"}
    check_values(page, kinds, activations.in_pytorch(load_network(shipped), image))
    answers = predict(shipped, None, image)[0]
    for digit in (0, int(answers.argmax())):
        said = work_out(page, "probability", digit)
        check("softmax", said)
        assert float(told(said)) == pytest.approx(answers[digit], abs=1e-4)
    said = work_out(page, "view", 0, view=2)
    check("softmax", said)
    said = work_out(page, -1, 200, view=2)  # a pixel between four
    *lines, total = [numbers(row[-1])[0] for row in said["ledger"]]
    assert len(lines) == 4
    assert sum(lines) == total == told(said)


def test_what_flows_is_gradient_times_input(page: Page, server: str, trained: Run, images: np.ndarray) -> None:
    open_network(page, server, trained)
    found = page.evaluate(
        """async () => {
            const {session} = await import("SESSION");
            const {trace} = await import("TRACE");
            const gradient = new Float64Array(10);
            gradient[4] = 1;
            const plane = session.network.look(session.image).slice();
            return trace(session.network, plane, 8, gradient).map(({inputs, outputs, shares}) => {
                return Array.from({length: inputs}, (_, i) => {
                    let sum = 0;
                    for (let o = 0; o < outputs; o++) sum += shares[o * inputs + i];
                    return sum;
                });
            });
        }""".replace("SESSION", script(page, "session")).replace("TRACE", script(page, "trace"))
    )
    network = load_network(trained, 1)
    given: list[torch.Tensor] = []
    for name in ("conv1", "conv2", "fc1", "fc2"):
        getattr(network, name).register_forward_pre_hook(lambda _, args: given.append(args[0]))
    logits: list[torch.Tensor] = []
    network.get_submodule("fc2").register_forward_hook(lambda _, __, result: logits.append(result))
    x = ((torch.from_numpy(images[DIGIT]).float() / 255 - MEAN) / STD)[None, None].requires_grad_()
    network.requires_grad_(True)
    network(x)
    slopes = torch.autograd.grad(logits[0][0, 4], given)
    pairs: list[tuple[Any, torch.Tensor, torch.Tensor]] = list(zip(reversed(found), given, slopes, strict=True))
    for ours, value, slope in pairs:
        shares = (value * slope).detach()[0]
        by_map = shares.reshape(len(ours), -1).sum(1)
        np.testing.assert_allclose(ours, by_map.numpy(), atol=1e-4)


# The picture and the table beside the paper each follow in a frame of their own.
SAME_SHARE = """() => {
  const share = document.querySelector(".living-is-answer .living-share");
  const row = document.querySelector("[aria-label='Probability of each digit'] tr.most");
  return share && row && share.innerText && row.innerText.includes(share.innerText);
}"""


def test_the_picture_follows_the_pen_and_is_taken_away(page: Page, server: str, trained: Run) -> None:
    page.goto(f"{server}/Look_inside?run={trained.id}")
    page.locator(".living[data-ready]").wait_for()
    canvas = page.get_by_role("application", name="Paper to draw a digit on")
    answer, share = page.locator(".living-is-answer"), page.locator(".living-is-answer .living-share")
    for points in on_screen(canvas, DIGITS[7]):
        page.mouse.move(*points[0])
        page.mouse.down()
        for x, y in points[1:]:
            page.mouse.move(x, y)
    # The pen is not lifted yet: only the browser knows of it.
    expect(answer).to_have_attribute("data-digit", "7")
    page.wait_for_function(SAME_SHARE)
    page.mouse.up()
    expect(page.locator(".mnist-paper")).to_have_attribute("data-known", "1")
    image = np.array(
        page.evaluate(
            """async () => [...(await import("SESSION")).session.image]""".replace("SESSION", script(page, "session"))
        )
    )
    shares = predict(trained, 1, image.astype(np.uint8).reshape(1, 28, 28))[0]
    expect(answer).to_have_attribute("data-digit", str(shares.argmax()))
    expect(share).to_have_text(percent(shares.max()))

    page.get_by_text("The picture in words").click()
    expect(page.locator(".living-table tr")).to_have_count(1 + 1 + 9)
    rows = page.locator(".living-table tr").all_inner_texts()
    assert sum(int(row.split("\t")[2].replace(",", "")) for row in rows[1:]) == NETWORKS["cnn"].parameters
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as PNG").click()
    with Image.open(download.value.path()) as picture:
        colours = np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)
    assert len(colours) > 100

    page.get_by_role("button", name="Clear").click()  # what the server has chosen instead
    expect(page.locator(".mnist-paper")).to_have_attribute("data-known", "0")
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    stand_in = page.locator(".mnist-paper").get_by_role("row").filter(has_text="▸")
    expect(stand_in).to_contain_text(share.inner_text())


def test_by_keyboard_from_a_map_to_a_pixel_and_back(page: Page, server: str, trained: Run) -> None:
    open_network(page, server, trained)
    maps, said, way = page.locator(".living-maps"), page.locator(".value-told"), page.locator(".value-way li")
    page.get_by_role("button", name="Save as PNG").focus()
    page.keyboard.press("Tab")
    expect(maps).to_be_focused()
    aloud = page.locator(".living-aloud")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(aloud).to_contain_text("Max pooling 1")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".living-zoom.living-open")).to_be_visible()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Max pooling 1, map")
    page.keyboard.press("Escape")
    expect(page.locator(".living-zoom.living-open")).to_have_count(0)
    strongest = page.get_by_role("button", name="To the strongest term")
    for title in ("Convolution 1", "Input", "Image"):
        strongest.press("Enter")
        expect(said).to_contain_text(title)
    expect(way).to_have_count(4)
    page.get_by_role("button", name="Back", exact=True).press("Enter")
    expect(said).to_contain_text("Input")
    way.first.get_by_role("button").press("Enter")
    expect(said).to_contain_text("Max pooling 1")
    page.get_by_role("button", name="from the answer back to one pixel").press("Enter")
    expect(said).to_contain_text("Image, row")
    expect(way).to_have_count(12)
