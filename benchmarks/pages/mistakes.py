"""How soon the Mistakes page is up and a filter has done its work, in Chromium: `python -m benchmarks mistakes`.

The real server and a real browser, both warm, for a run with about 300 mistakes and for an untrained network, which has
about 9,000. Nothing is trained: the predictions are made up from a seed.
"""

import io
import time
from collections.abc import Iterator

import numpy as np
from playwright.sync_api import Page

from benchmarks.harness.browser import dashboard
from benchmarks.harness.results import Row
from mnist_core.config.train_config import TrainConfig
from mnist_core.data import mnist
from mnist_core.models import checkpoint, networks
from mnist_core.runs import manifest, store
from mnist_core.runs.run import Run

ROUNDS = 30
# All digits of the gallery are drawn, the matrix too, and the count says what the last change asked for.
SHOWN = """(count) => {
  const pictures = [...document.querySelectorAll("img.digit")];
  const said = [...document.querySelectorAll("p")].some(p => p.textContent.endsWith(`of ${count} mistakes`));
  return said && pictures.length === Math.min(60, Number(count.replaceAll(",", "")))
    && pictures.every(picture => picture.complete && picture.naturalWidth)
    && document.querySelector("table.confusion button");
}"""


def measure(rounds: int = ROUNDS) -> Iterator[Row]:
    """Seconds until the page is up, milliseconds until a filter shows, for both runs."""
    with dashboard() as page:
        address = page.url.rstrip("/")
        labels = mnist.load_arrays("test").labels.astype(int)
        for wrong in (300, 9000):
            yield from one_run(page, address, made_up_run(labels, wrong), labels, rounds)


def one_run(page: Page, address: str, run: Run, labels: np.ndarray, rounds: int) -> Iterator[Row]:
    """The page's start and the filter's change, `rounds` times each after three that warm up."""
    answers = run.saved_answers(0)
    assert answers is not None
    of_digit = np.bincount(labels[answers.argmax(1) != labels], minlength=10)
    count = int(of_digit.sum())
    up, filtered = [], []
    for _ in range(rounds + 3):
        start = time.perf_counter()
        page.goto(f"{address}/Mistakes?run={run.id}", wait_until="commit")
        page.wait_for_function(SHOWN, arg=f"{count:,}", polling="raf")
        up.append(time.perf_counter() - start)
    box = page.get_by_role("combobox", name="True digit")
    for round_number in range(rounds + 3):
        digit = round_number % 10
        box.focus()
        box.press("ArrowDown")
        box.press_sequentially(str(digit))
        page.get_by_role("option", name=str(digit), exact=True).wait_for()
        start = time.perf_counter()
        box.press("Enter")
        page.wait_for_function(SHOWN, arg=f"{of_digit[digit]:,}", polling="raf")
        filtered.append(1000 * (time.perf_counter() - start))
    yield Row(f"page up, {count:,} mistakes", "s", up[3:], "at most 1 s (95th percentile)")
    yield Row(f"filter, {count:,} mistakes", "ms", filtered[3:], "at most 400 ms (95th percentile)")


def made_up_run(labels: np.ndarray, wrong: int) -> Run:
    """A run at rest with this many mistakes among the 10,000, in every pair of digits."""
    random = np.random.default_rng(wrong)
    logits = random.normal(size=(10_000, 10))
    logits[np.arange(10_000), labels] = -5
    right = np.setdiff1d(np.arange(10_000), random.choice(10_000, wrong, replace=False))
    logits[right, labels[right]] = 8
    log_probabilities = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    run = store.create(TrainConfig(), f"{wrong} mistakes")
    manifest.replace(run.weights(0), checkpoint.weights_bytes(networks.build("cnn")))
    np.save(answers := io.BytesIO(), log_probabilities.astype(np.float32))
    manifest.replace(run.test_log_probabilities(0), answers.getvalue())
    status = {"state": "stopped", "test_accuracy": 1 - wrong / 10_000}
    store.write_status(run, run.status().model_copy(update=status))
    return run
