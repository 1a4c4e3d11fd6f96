"""How far the weights have travelled, and how weights and activations are spread, over the epochs."""

import streamlit as st

from mnist_core.evaluation.statistics import share
from mnist_core.interpretation.layers import Layer
from mnist_core.interpretation.over_epochs import activations
from mnist_core.interpretation.over_epochs.weights import Histograms, WeightHistory, distances, histograms
from mnist_core.plots.history import distance_figure, histogram_figure
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.background_task import watch
from ui.components.live_chart import live_chart
from ui.inside.history.pictures import LAYER, choose_layer
from ui.inside.history.weights import history_of, stamps
from ui.inside.subject import Subject
from ui.inside.try_this import try_this

RELATIVE, LENGTH = "Relative to the start", "Length (L2)"
WEIGHTS, ACTIVATIONS = "Weights", "Activations"
HOW, WHAT = "distance", "spread"


def show_distance(subject: Subject) -> None:
    """How far each layer is from where it started, after each epoch."""
    history = history_of(subject.run)
    try_this(
        "How far the weights of each layer are from where they started: much of the way lies in the first epoch, and "
        "the layers do not travel alike.",
        "compare the plain lengths",
        _set,
        HOW,
        LENGTH,
    )
    how = _choice("Distance", [RELATIVE, LENGTH], HOW)
    found = {
        f"{layer.title} ({layer.name})": distances(history.weights[layer.name])[how == RELATIVE]
        for layer in history.layers
    }
    title = "Distance / length of the start" if how == RELATIVE else "Distance from the start"
    figure = distance_figure(history.epochs, found, title)
    live_chart(figure, key="distances", alt=f"{title} of each layer after each epoch", height=420)
    start = f"after epoch {history.epochs[0]}" if history.epochs[0] else "before the first step"
    st.caption(
        f"The Euclidean length (L2) of the difference to the weights {start}, "
        + (
            "over the length of those: 1 is as far as the start is from zero."
            if how == RELATIVE
            else "biases left out."
        )
    )


def show_spread(subject: Subject) -> None:
    """Histograms of one layer's weights, or of what it answers to test digits, over the epochs."""
    history = history_of(subject.run)
    try_this(
        "How the values of a layer are spread: weights begin in a narrow box and grow tails; of the activations, what "
        "lies left of 0 is cut off by ReLU.",
        "the activations of the first layer",
        _first_activations,
    )
    what = _choice("Of its", [WEIGHTS, ACTIVATIONS], WHAT)
    layer = choose_layer(history.layers)
    if what == WEIGHTS:
        found = _weight_histograms(subject.run, stamps(subject.run), layer.name)
        _draw(history.epochs, found, "Weight", layer)
        count = history.weights[layer.name][0].size
        st.caption(f"n = {count:,} weights in each epoch, in {len(found.edges) - 1} bins of the same axis.")
        return
    _activations(subject, layer, history)


def _activations(subject: Subject, layer: Layer, history: WeightHistory) -> None:
    last = max(cache.saved_epochs(subject.run))
    found = activations.ANALYSIS.load(subject.run, last)
    if found is None:
        study = activations.ANALYSIS.study(subject.run, last)
        watch({"The saved epochs": study}, "Compute the activations", "a few seconds; the page stays usable.")
        return
    is_last = layer == history.layers[-1]
    _draw(found.epochs, found.layers[layer.name], "Activation before " + ("softmax" if is_last else "ReLU"), layer)
    above = found.above_zero[layer.name]
    passed = f" Above 0: {share(above[0], 0)} at first, {share(above[-1], 0)} at last." if not is_last else ""
    st.caption(
        f"n = {found.values[layer.name]:,} values in each epoch: the first {activations.DIGITS} test digits, every "
        f"{'place of every channel' if layer.unit == 'channel' else 'unit'}. What lies beyond the axis is counted at "
        f"its ends.{passed}"
    )


def _draw(epochs: list[int], found: Histograms, title: str, layer: Layer) -> None:
    alt = f"{title}s of {layer.title.lower()}: how they are spread after epochs {', '.join(map(str, epochs))}"
    live_chart(histogram_figure(epochs, found, title), key="spread_chart", alt=alt, height=420)


@st.cache_resource(show_spinner=False, max_entries=50, hash_funcs=cache.PATHS)
def _weight_histograms(run: Run, stamps: tuple[cache.Stamp, ...], name: str) -> Histograms:
    return histograms(history_of(run).weights[name])


def _choice(label: str, options: list[str], key: str) -> str:
    """One of the options, the first at first; a button may choose another."""
    st.session_state.setdefault(key, options[0])
    return st.segmented_control(label, options, required=True, key=key, persist_state="session") or options[0]


def _set(key: str, value: str) -> None:
    st.session_state[key] = value


def _first_activations() -> None:
    st.session_state[WHAT] = ACTIVATIONS
    st.session_state.pop(LAYER, None)
