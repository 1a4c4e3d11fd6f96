"""The chart of a run that trains: one lasting area, in which loss, accuracy, learning rate and layers take turns."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import streamlit as st

from mnist_core.evaluation.statistics import share
from mnist_core.plots import training
from mnist_core.plots.training import ACCURACY_SCALES, ERROR_RATE, LAYER_QUANTITIES, Frame, rate_changes
from mnist_core.runs.logs.metrics import Curves
from mnist_core.runs.records import ACTIVE, Record, Status
from mnist_core.runs.run import Run
from ui.access import changes
from ui.access.account import editors_only
from ui.common.actions import ask
from ui.components.live_chart import live_chart

VIEWS = ("Loss", "Accuracy", "Learning rate", "Layers")
HEIGHT = 380
SMOOTHING = 0.8

# The row of controls keeps its height whatever view is chosen, so that the chart below stays where it is.
_STYLE = """<style>
.st-key-chart_controls {min-height: 4.6rem}
@media (max-width: 640px) {.st-key-chart_controls {min-height: 8.4rem}}
</style>"""


def choose_chart(run: Run, status: Status) -> Callable[[Record, Curves, Iterable[dict[str, Any]]], None]:
    """What to draw and how; returns what draws it, from a run's record, curves and events."""
    st.html(_STYLE)
    controls = st.container(horizontal=True, vertical_alignment="bottom", key="chart_controls")
    kept: dict[str, Any] = {"persist_state": "session"}
    view = controls.segmented_control("Chart", VIEWS, default="Loss", required=True, key="chart_view", **kept)
    figure: Callable[[Curves, Frame], dict[str, Any]]
    if view == "Loss":
        smoothing = controls.slider(
            "Smoothing",
            0.0,
            0.99,
            SMOOTHING,
            0.01,
            key="chart_smoothing",
            width=190,
            help="How much of the past each point keeps (exponential moving average); 0 shows the loss as logged.",
            **kept,
        )
        log = controls.segmented_control("Axis", ["Linear", "Log"], default="Linear", required=True, key="axis", **kept)
        figure = partial(training.loss_figure, smoothing=smoothing, log=log == "Log")
    elif view == "Accuracy":
        scales = [*ACCURACY_SCALES, ERROR_RATE]
        scale = controls.segmented_control("Axis", scales, default="All", required=True, key="accuracy_axis", **kept)
        figure = partial(training.accuracy_figure, scale=scale)
    elif view == "Learning rate":
        figure = training.rate_figure
    else:
        quantity = controls.segmented_control(
            "What",
            list(LAYER_QUANTITIES),
            format_func=LAYER_QUANTITIES.__getitem__,
            default="gradient_norm",
            required=True,
            key="layer_quantity",
            help="- **Gradient norm**: the size of the loss's gradient at a layer's weights.\n"
            "- **Update to weight**: the size of a step relative to the weights; about 0.001 is healthy.\n"
            "- **Dead units**: the share of a layer's ReLUs that output 0 for every digit of a batch.",
            **kept,
        )
        watch_toggle(controls, run, status)
        figure = partial(training.layers_figure, quantity=quantity)

    def draw(record: Record, curves: Curves, events: Iterable[dict[str, Any]]) -> None:
        frame = Frame(record.config.epochs * record.config.train_size, run.id, rate_changes(record.config, events))
        live_chart(figure(curves, frame), key="training_chart", alt=in_words(view, curves), height=HEIGHT)

    return draw


def watch_toggle(place: Any, run: Run, status: Status) -> None:
    """Measuring each layer costs time, so it is done on demand."""
    place.toggle(
        "Measure",
        key=f"watch_{run.id}",
        on_change=lambda: ask(changes.watch_layers, run, st.session_state[f"watch_{run.id}"]),
        **editors_only(
            disabled=status.state not in ACTIVE,
            help="While it is on, each logged update measures every layer; the training is a little slower.",
        ),
    )


def in_words(view: str, curves: Curves) -> str:
    """The chart for who cannot see it: what is drawn, and where it stands."""
    column, noun = {
        "Loss": ("train_loss", "Training loss"),
        "Accuracy": ("test_accuracy", "Test accuracy"),
        "Learning rate": ("learning_rate", "Learning rate"),
    }.get(view, ("", "Gradients and updates of each layer"))
    now = curves.last(column)
    if not column:
        return f"{noun}, over the training."
    if now is None:
        return f"{noun}: no point yet."
    return f"{noun}, now {share(now)}." if view == "Accuracy" else f"{noun}, now {now:.3g}."
