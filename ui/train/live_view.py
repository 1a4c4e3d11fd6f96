"""One run as a person follows it: what it is doing in words, a row of numbers that stays where it is, its chart."""

import importlib
from typing import Any

import streamlit as st

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.evaluation.statistics import between, plural, share, wilson
from mnist_core.runs.logs.metrics import Curves
from mnist_core.runs.records import ACTIVE, Record, Status, share_of_limit
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.page import sentences
from ui.common.text import duration, plain, signed
from ui.components.live_chart import load_plotly
from ui.components.live_numbers import Number, live_numbers
from ui.train.run_controls import awaits
from ui.train.training_chart import choose_chart

_STATES = {
    "queued": "Waiting",
    "running": "Training",
    "paused": "Paused",
    "stopped": "Stopped",
    "finished": "Finished",
    "failed": "Failed",
    "interrupted": "Interrupted",
}


def follow(run: Run, status: Status) -> None:
    """Follow the run's files for as long as it is active; `status` is what the page around this has seen.

    The whole page runs again when what it shows outside of here has changed (the state, a handled command, a finding),
    or the pace has: only then can a fragment be given another.
    """

    seen, seconds = _what_the_page_shows(run, status), refresh_seconds(run, status)

    @st.fragment  # a choice of the chart's redraws this alone
    def panel() -> None:
        numbers, controls, chart = st.container(), st.container(), st.container()
        with controls:
            draw = choose_chart(run, status)

        @st.fragment(run_every=seconds)  # only what changes: each element costs the browser time at each look
        def watch() -> None:
            with sentences():
                now, record, (_, curves) = run.status(), run.record(), cache.metrics(run)
                with numbers:
                    progress(now, record, curves)
                    if now.error:
                        st.error(plain(now.error), icon=":material/error:")
                with chart:
                    draw(record, curves, run.events())
                if _what_the_page_shows(run, now) != seen:
                    st.rerun()

        watch()

    panel()


def refresh_seconds(run: Run, status: Status) -> float | None:
    """How often to look at the run: each second at first and near its end, else less often the longer it trains.

    Each look takes about 0.1 s of a core from the trainer, and a curve of a minute hardly changes in a second.
    """
    if status.state not in ACTIVE:
        return None
    if status.step == 0 or awaits(run, status):
        return 0.3
    if status.state == "paused":
        return 2.0
    left = seconds_left(status, cache.record(run))
    return 1.0 if left is None or left < 4 else min(max(round(status.train_seconds / 10), 1), 3)


def _what_the_page_shows(run: Run, status: Status) -> tuple[Any, ...]:
    rules = [finding.rule for finding in cache.findings(run, status)]
    # With its first update a run gets another pace too: until then it is not worth a page of its own that it runs.
    state = "queued" if status.state == "running" and status.step == 0 else status.state
    return state, status.commands_handled, refresh_seconds(run, status), rules


def get_ready() -> None:
    """Load what following the first run takes, last on a page: plotly into the browser, SciPy for smoothing here."""
    load_plotly()
    importlib.import_module("scipy.signal")


def progress(status: Status, record: Record, curves: Curves) -> None:
    """A bar with what the run is doing, and a row of numbers that stays where it is."""
    epochs = record.config.epochs
    total = epochs * record.config.train_size
    speed = status.images_per_second or (status.samples_seen / status.train_seconds if status.train_seconds else None)
    gap = curves.gap()
    numbers = [
        Number(
            88,
            "Epoch",
            f"{min(status.epoch + (status.state in ACTIVE), epochs)} of {epochs}",
            plural(status.step, "update"),
        ),
        Number(
            112,
            "Images/s",
            f"{speed:,.0f}" if speed else "–",
            _share(record, speed),
            "Training digits processed per second; once it has ended, the mean of the whole run. The limit is what "
            "this machine's processor reaches in large matrix products.",
        ),
        Number(
            88,
            "Time left",
            duration(seconds_left(status, record)),
            "at this speed" if status.state == "running" else "",
        ),
        Number(
            132,
            "Test accuracy",
            *_accuracy(status.test_accuracy, TEST_SIZE),
            "On digits that it never trains on, with its 95 % confidence interval.",
        ),
        Number(
            124,
            "Train/test gap",
            "–" if gap is None else signed(gap, 3),
            _gap_in_words(gap),
            "Test loss minus the smoothed training loss at the last test. Well above 0, the network has memorised its "
            "training digits (overfitting). Below 0 is usual with dropout and augmentation, which only make "
            "training harder.",
        ),
    ]
    if record.config.validation_size:
        about = "On training digits held out for choosing settings."
        validation = _accuracy(status.validation_accuracy, record.config.validation_size)
        numbers.insert(-1, Number(132, "Validation", *validation, about))
    live_numbers(_headline(status, record), min(status.samples_seen / total, 1.0), numbers, key="numbers")


def _headline(status: Status, record: Record) -> str:
    if status.state == "queued":
        return "Waiting: another run trains first, or this one is being started."
    if status.state == "finished" and status.epoch < record.config.epochs:
        waited = plural(record.config.patience, "epoch")
        return (
            f"Finished early, after {plural(status.epoch, 'epoch')}: the validation accuracy did not rise for {waited}."
        )
    return f"{_STATES[status.state]} after {status.samples_seen:,} digits ({plural(status.step, 'update')})."


def seconds_left(status: Status, record: Record) -> float | None:
    """Of training at its present speed, or None where that is not known."""
    if status.state != "running" or not status.images_per_second:
        return None
    total = record.config.epochs * record.config.train_size
    return (total - status.samples_seen) / status.images_per_second


def _share(record: Record, speed: float | None) -> str:
    used = share_of_limit(record, speed) if speed else None
    return "" if used is None else f"{share(used, 0)} of the machine's limit"


def _accuracy(accuracy: float | None, n: int) -> tuple[str, str]:
    if accuracy is None:
        return "–", "not tested yet"
    return share(accuracy, 2), f"95 %: {between(wilson(round(accuracy * n), n))}\nn = {n:,}"


def _gap_in_words(gap: float | None) -> str:
    if gap is None:
        return "after the first test"
    if gap > 0.1:
        return "overfitting"
    return "little or none" if gap > -0.05 else "test loss is lower"
