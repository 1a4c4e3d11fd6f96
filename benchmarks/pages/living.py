"""The living network: each layer of the browser's engine against PyTorch's, and the time of a frame as the pen moves.

A frame's time is that of the script, from the digit's arrival to the last line drawn; the screen's own painting is not
in it.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.harness.results import Row
from benchmarks.harness.temporary_home import temporary_home
from mnist_core.config.networks import ModelName
from mnist_core.config.presets import PRESETS
from mnist_core.data.mnist import load_arrays
from mnist_core.export.html import packing, program
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.runs import store
from tests.support import activations, html_engine
from tests.support.networks import varied
from tests.support.server import CHROMIUM_FLAGS, chromium, dashboard_server
from tests.support.worked_out import script

DIGITS, FRAMES = 200, 200
GOALS = {"tutorial": 16, "shipped": 60}  # milliseconds
_FRAMES = """async ([address, images, n]) => {
    const { session } = await import(address);
    const all = Uint8Array.from(atob(images), (c) => c.charCodeAt(0));
    const times = {frames: [], answers: []};
    for (let i = 0; i < n + 20; i++) {
        // Callbacks of one frame come in the order in which they were asked for: before the picture's, and after it.
        const image = all.slice(784 * (i % 200), 784 * (i % 200) + 784);
        const time = await new Promise((tell) => {
            let started;
            requestAnimationFrame(() => { started = performance.now(); });
            window.dispatchEvent(new CustomEvent("mnist-lab:digit", {detail: {paper: "", image, done: false}}));
            requestAnimationFrame(() => tell(performance.now() - started));
        });
        const before = performance.now();
        session.network.answer(image);
        if (i < 20) continue;
        times.frames.push(time);
        times.answers.push(performance.now() - before);
    }
    return times;
}"""


def measure() -> Iterator[Row]:
    with temporary_home() as home, tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        images = load_arrays("test").images[:DIGITS]
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        tab = browser.new_page()
        html_engine.load_engine(tab)
        for name in get_args(ModelName):
            yield _same(tab, name, images)
        tutorial = store.create(PRESETS["tutorial"].config.replace(epochs=1))
        Worker(tutorial).work(at_once=True)
        with dashboard_server(home, Path(folder) / "server.log") as address:
            for name, run in (("tutorial", tutorial), ("shipped", store.find("shipped"))):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(f"{address}/Look_inside?run={run.id}")
                page.locator(".living[data-ready]").wait_for(timeout=120_000)
                given = [script(page, "session"), html_engine.to_bytes(images), FRAMES]
                times = page.evaluate(_FRAMES, given)
                yield Row(f"{name}: a frame, with its answer", "ms", times["frames"], f"at most {GOALS[name]} (median)")
                yield Row(f"{name}: the answer alone, in turns with it", "ms", times["answers"])
                page.close()
        browser.close()


def _same(tab: Page, name: ModelName, images: np.ndarray) -> Row:
    network = varied(name)
    told = program.of_run(name, network, None)
    ours = activations.in_the_engine(tab, told, packing.pack(told, 32), images)
    theirs = activations.in_pytorch(network, images)
    differences = [float(np.abs(a - b.reshape(a.shape)).max()) for a, b in zip(ours, theirs, strict=True)]
    largest = max(float(np.abs(layer).max()) for layer in theirs)
    note = f"{len(theirs)} layers, {len(images)} digits; the largest value is {largest:.3g}"
    return Row(f"{name}: largest difference of a layer's values from PyTorch's", "", differences, "", note)
