"""How long the Train page and its chart take with many runs and with long ones: `python -m benchmarks many_runs`.

The Train page's script with 10 and 1,000 runs in the list, and the chart's figure after 100 to 1,000,000 logged steps.
"""

import json
import time
from collections.abc import Iterator
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from benchmarks.harness.results import Row
from benchmarks.harness.temporary_home import temporary_home
from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from mnist_core.plots.training import Frame, loss_figure
from mnist_core.runs import store
from mnist_core.runs.logs.metrics import Curves
from mnist_core.system.files import REPOSITORY

REPEATS = 9


def page_scripts() -> Iterator[Row]:
    """Milliseconds of the Train page's script, warm, with so many runs in the list."""
    for count in (10, 1000):
        with temporary_home():
            for i in range(count):
                run = store.create(TrainConfig(seed=i))
                finished = {"state": "finished", "epoch": 3, "step": 2814, "test_accuracy": 0.95 + i / 50_000}
                store.write_status(run, run.status().model_copy(update=finished))
            time.sleep(1.1)  # the pages keep what they read only of files older than a second
            app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=120).run()
            app.switch_page("pages/1_Train.py").run()
            times = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                app.run()
                times.append(1000 * (time.perf_counter() - start))
            assert not app.exception
        yield Row(f"Train page's script, {count:,} runs", "ms", times)


def chart_figures() -> Iterator[Row]:
    """Milliseconds to add ten new rows and build the loss figure as JSON, after so many logged steps."""
    for count in (100, 10_000, 1_000_000):
        logged = [
            {"samples_seen": 640 * i, "train_loss": 2.3 / (1 + i / 500), "learning_rate": 0.01} for i in range(count)
        ]
        curves, frame = Curves(logged), Frame(640 * count, "run")
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            curves.extend(logged[-10:])
            figure = json.dumps(loss_figure(curves, frame, smoothing=0.8))
            times.append(1000 * (time.perf_counter() - start))
        yield Row(f"chart after {count:,} logged steps ({len(figure) / 1000:.0f} kB)", "ms", times)


def measure() -> Iterator[Row]:
    with patch.object(launcher, "stand_by"):  # no training is started here: none need be kept ready
        yield from page_scripts()
    yield from chart_figures()
