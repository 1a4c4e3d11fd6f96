"""How long pages and the chart take with many runs and long ones: the Train page's script at 10 and 1,000 runs, and
building the chart's figure at 100 to 1,000,000 logged steps."""

import json
import os
import tempfile
import time

from streamlit.testing.v1 import AppTest

from benchmarks.harness.results import Row, show
from mnist_core.config.train_config import TrainConfig
from mnist_core.data import download
from mnist_core.jobs import launcher
from mnist_core.plots.training import Frame, loss_figure
from mnist_core.runs import store
from mnist_core.runs.metrics import Curves
from mnist_core.system.files import REPOSITORY

REPEATS = 9


def page_scripts() -> list[Row]:
    """Milliseconds of the Train page's script, warm, with so many runs in the list."""
    rows = []
    for count in (10, 1000):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["MNIST_HOME"] = folder
            download.prepare()
            for i in range(count):
                run = store.create(TrainConfig(seed=i))
                finished = {"state": "finished", "epoch": 3, "step": 2814, "test_accuracy": 0.95 + i / 50_000}
                store.write_status(run, run.status().model_copy(update=finished))
            time.sleep(1.1)  # files older than a second may be kept
            app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=120).run()
            app.switch_page("pages/1_Train.py").run()
            times = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                app.run()
                times.append(1000 * (time.perf_counter() - start))
            assert not app.exception
        rows.append(Row(f"Train page's script, {count:,} runs", "ms", times))
    return rows


def chart_figures() -> list[Row]:
    """Milliseconds to take up ten new rows and build the loss figure as JSON, after so many logged steps."""
    rows = []
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
        rows.append(Row(f"chart after {count:,} logged steps ({len(figure) / 1000:.0f} kB)", "ms", times))
    return rows


def measure() -> list[Row]:
    launcher.stand_by = lambda: None  # no training is started here
    return page_scripts() + chart_figures()


def main() -> None:
    """Print the table."""
    show(measure())


if __name__ == "__main__":
    main()
