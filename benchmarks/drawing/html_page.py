"""The exported page against the dashboard: `python -m benchmarks html_page`.

The pages of the tutorial's network (trained here, 3 epochs) and of the shipped run are opened from their files in
Chromium, its network off. Each prepares and reads 1,000 test digits as pictures, each second one enlarged fivefold,
and 400 drawings: digits of invented writers (`drawing/synthetic.py`), of every size, with every brush, by places of a
pointer. Python does the same as the Draw page does (`Drawn`, `prepare`, `prediction.predict`). Counted: other bytes of
the 28x28 image, other answers. Timed in the page: one answer from image to probabilities, and one from strokes on.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.harness.results import Row
from benchmarks.harness.temporary_home import temporary_home
from mnist_core.config.presets import PRESETS
from mnist_core.data.mnist import load_arrays
from mnist_core.drawing import synthetic
from mnist_core.drawing.prepare import Prepared, prepare
from mnist_core.drawing.strokes import PAPER, Drawn, smoothed
from mnist_core.evaluation import prediction
from mnist_core.export.html import file
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.html_engine import from_bytes, to_picture
from tests.support.server import CHROMIUM_FLAGS, chromium

PICTURES, DRAWN, TIMED = 1000, 400, 200
GOALS = {"tutorial": (230, 8), "shipped": (700, 60)}  # kB; milliseconds for one view
_READ = """([kind, given]) => {
    const {ask, prepare, prepareDrawing, constants, SIDE} = reader;
    const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return given.map((one) => {
        const prepared = kind === "drawing" ? prepareDrawing(one, SIDE, constants)
            : prepare({...one, data: bytes(one.data)}, null, constants);
        if (!prepared) return null;
        return [btoa(String.fromCharCode(...prepared.image)), Array.from(ask(prepared).probabilities)];
    });
}"""
_TIME = """([drawings, n]) => {
    const {network, ask, prepareDrawing, constants, SIDE} = reader;
    const times = {view: [], all: [], stroke: []};
    for (let i = 0; i < n + 20; i++) {
        const started = performance.now();
        const prepared = prepareDrawing(drawings[i % drawings.length], SIDE, constants);
        ask(prepared);
        const answered = performance.now();
        network.answer(prepared.image);
        const all = performance.now();
        network.single(prepared.image);
        const view = performance.now();
        if (i < 20) continue;
        times.stroke.push(answered - started);
        times.all.push(all - answered);
        times.view.push(view - all);
    }
    return times;
}"""


def measure() -> Iterator[Row]:
    with temporary_home(), tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        tutorial = store.create(PRESETS["tutorial"].config)
        Worker(tutorial).work(at_once=True)
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        for name, run in (("tutorial", tutorial), ("shipped", store.find("shipped"))):
            target = Path(folder) / f"{name}.html"
            written = file.write(run, str(target))
            size, milliseconds = GOALS[name]
            assert written.check is not None
            yield Row(f"{name}: size", "kB", [target.stat().st_size / 1000], f"at most {size}", written.check.sentence)
            context = browser.new_context(offline=True)
            tab = context.new_page()
            tab.goto(target.as_uri())
            yield from _same(tab, name, run)
            yield from _times(tab, name, milliseconds)
            context.close()
        browser.close()


def drawings() -> list[list[dict[str, Any]]]:
    """Strokes by places of a pointer, in pixels of the canvas, and the brush's width."""
    rng = np.random.default_rng(11)
    found = []
    for number in range(DRAWN):
        _, strokes = synthetic.digit_strokes(1, number)
        size, middle, width = rng.uniform(0.3, 0.95), rng.uniform(0.35, 0.65, 2), int(rng.choice([8, 14, 24, 32]))
        placed = [np.round((stroke * size + middle) * PAPER) for stroke in strokes]
        found.append([{"places": places.tolist(), "width": width} for places in placed])
    return found


def as_the_draw_page(drawing: list[dict[str, Any]]) -> Prepared | None:
    """What the Draw page prepares of it."""
    strokes = [smoothed(np.array(stroke["places"]), stroke["width"]) / PAPER for stroke in drawing]
    drawn = Drawn(strokes, [stroke["width"] for stroke in drawing])
    return prepare(drawn.picture, drawn.evened)


def _same(tab: Page, name: str, run: Run) -> Iterator[Row]:
    images = load_arrays("test").images[:PICTURES]
    enlarged = [np.kron(image, np.ones((5, 5), np.uint8)) if i % 2 else image for i, image in enumerate(images)]
    drawn = drawings()
    theirs = [prepare(picture) for picture in enlarged], [as_the_draw_page(drawing) for drawing in drawn]
    given = ("picture", [to_picture(picture) for picture in enlarged]), ("drawing", drawn)
    for (kind, inputs), expected in zip(given, theirs, strict=True):
        found = tab.evaluate(_READ, [kind, inputs])
        pairs = [
            (one, other) for one, other in zip(found, expected, strict=True) if one is not None and other is not None
        ]
        bytes_differ = (
            len(found)
            - len(pairs)
            + sum(bool((from_bytes(one[0]) != other.image.ravel()).any()) for one, other in pairs)
        )
        ours = prediction.predict(run, None, np.stack([other.image for _, other in pairs]))
        page = np.array([one[1] for one, _ in pairs])
        answers_differ = int((ours.argmax(1) != page.argmax(1)).sum())
        largest = f"largest difference of a probability {np.abs(ours - page).max():.1e}"
        yield Row(f"{name}: other 28x28 images, {len(found)} {kind}s", "", [bytes_differ], "0")
        yield Row(f"{name}: other answers, {len(pairs)} {kind}s", "", [answers_differ], "0", largest)


def _times(tab: Page, name: str, goal: int) -> Iterator[Row]:
    times = tab.evaluate(_TIME, [drawings()[:50], TIMED])
    yield Row(f"{name}: an answer, one view", "ms", times["view"], f"at most {goal} (median)")
    yield Row(f"{name}: an answer, all views", "ms", times["all"])
    yield Row(f"{name}: from strokes to an answer with its warning, all views", "ms", times["stroke"])
