"""One run as a person follows it: what it is doing in words, its numbers, its charts, its closing digits."""

import streamlit as st

from mnist_core.evaluation import wilson
from mnist_core.runs import ACTIVE, Record, Run, Status
from mnist_core.training_plots import accuracy_figure, loss_figure
from ui import digits, loaders
from ui.live_chart import live_chart

_STATES = {
    "queued": "Waiting",
    "running": "Training",
    "paused": "Paused",
    "stopped": "Stopped",
    "finished": "Finished",
    "failed": "Failed",
    "interrupted": "Interrupted",
}


def progress(status: Status, record: Record) -> None:
    """A bar with what the run is doing, and a row of numbers that stays where it is."""
    epochs = record.config.epochs
    total = epochs * record.config.train_size
    share = min(status.samples_seen / total, 1.0)
    st.progress(share, text=_headline(status, epochs))
    left, middle, right, last = st.columns(4)
    left.metric("Epoch", f"{min(status.epoch + (status.state in ACTIVE), epochs)} of {epochs}")
    speed = status.images_per_second or (status.samples_seen / status.train_seconds if status.train_seconds else None)
    middle.metric(
        "Images per second",
        f"{speed:,.0f}" if speed else "–",
        help="Training digits worked through; the mean of the whole run once it rests.",
    )
    right.metric("Time left", _time_left(status, total))
    last.metric("Test accuracy", _percent(status), help="On 10,000 test digits that it never trains on.")
    last.caption(_interval(status))


def _headline(status: Status, epochs: int) -> str:
    if status.state == "queued":
        return "Waiting: another run trains first, or this one is being started."
    return f"{_STATES[status.state]} after {status.samples_seen:,} digits ({status.step:,} updates)."


def _time_left(status: Status, total: int) -> str:
    if status.state != "running" or not status.images_per_second:
        return "–"
    seconds = (total - status.samples_seen) / status.images_per_second
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _percent(status: Status) -> str:
    return "–" if status.test_accuracy is None else f"{100 * status.test_accuracy:.2f} %"


def _interval(status: Status) -> str:
    if status.test_accuracy is None:
        return "not tested yet"
    low, high = wilson(round(status.test_accuracy * 10_000), 10_000)
    return f"95 % interval {100 * low:.1f} to {100 * high:.1f}"


def charts(run: Run, record: Record) -> None:
    """The loss and the test accuracy, each on a lasting node."""
    rows = loaders.metrics(run)
    total = record.config.epochs * record.config.train_size
    left, right = st.columns([3, 2])
    losses = [row["train_loss"] for row in rows if "train_loss" in row]
    accuracies = [row["test_accuracy"] for row in rows if "test_accuracy" in row]
    with left:
        alt = f"Training loss, now {losses[-1]:.3f}." if losses else "Training loss: no point yet."
        live_chart(loss_figure(rows, total, run.id), key="loss_chart", alt=alt)
    with right:
        alt = f"Test accuracy, now {accuracies[-1]:.1%}." if accuracies else "Test accuracy: no test yet."
        live_chart(accuracy_figure(rows, total, run.id), key="accuracy_chart", alt=alt)


def closing_digits(run: Run, epoch: int, count: int = 9) -> None:
    """The first test digits with what the run says they are, as the tutorial closes."""
    answers = loaders.answers_of(run, epoch)
    images = loaders.digits("test").images[:count]
    said, true = answers.predicted[:count], answers.labels[:count]
    st.markdown(f"**What it says to the first {count} test digits**")
    digits.row(
        list(images),
        [f"says {s}" if s == t else f"says {s}, is {t}" for s, t in zip(said, true, strict=True)],
        [f"A handwritten {t}; the network says {s}." for s, t in zip(said, true, strict=True)],
    )
