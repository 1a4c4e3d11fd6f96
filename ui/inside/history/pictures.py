"""Kernels as pictures, after any saved epoch, and the digits that excite the chosen one."""

import uuid

import numpy as np
import streamlit as st

from mnist_core.interpretation import channels
from mnist_core.interpretation.layers import Layer
from mnist_core.system.plain_text import with_article
from ui.common import cache, digit_images
from ui.common.attribution_image import AGAINST, FOR
from ui.common.background_task import watch
from ui.components.module import STATIC, module_component
from ui.inside.history.weights import history_of, layer_file
from ui.inside.subject import Subject
from ui.inside.try_this import try_this

LAYER, UNIT, PLAY, SAME = "kernel_layer", "kernel_unit", "kernel_play", "kernel_same"


def _read(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


_component = module_component(
    "kernel_history",
    "inside/kernel_history.js",
    _read("inside/kernel_history.html"),
    _read("common/epochs.css") + _read("inside/kernel_history.css"),
)


def show(subject: Subject) -> None:
    """The kernels of one layer, a slider over the epochs, and what excites the chosen one."""
    history = history_of(subject.run)
    try_this(
        "Each picture is one kernel: what its channel looks for. Blue weights want ink, orange ones want paper, and "
        "kernels that began as noise come to be edges and strokes.",
        "watch the first layer learn",
        _watch_the_first_layer,
    )
    layer = choose_layer(history.layers)
    place = history.epochs.index(subject.epoch) if subject.epoch in history.epochs else len(history.epochs) - 1
    file = layer_file(subject.run, layer.name)
    is_same = bool(st.session_state.get(SAME))
    scales = [layer_file(subject.run, other.name) for other in history.layers] if is_same else [file]
    unit = _chosen_unit(layer)
    _component(
        {
            "file": file.address,
            "epochs": history.epochs,
            "place": place,
            "unit": unit,
            "units": layer.units,
            "planes": layer.planes,
            "height": layer.height,
            "width": layer.width,
            "unit_value": file.unit_value,
            "reach": max(one.reach for one in scales),
            "is_cut": any(one.is_cut for one in scales),
            "unit_name": layer.unit,
            "alt": f"{layer.title}: {in_words(layer)}",
            "plus": FOR.tolist(),
            "minus": AGAINST.tolist(),
            "play": st.session_state.get(PLAY),
        },
        key="kernels",
        height="content",
        on_unit_change=_clicked,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.number_input(layer.unit.capitalize(), 0, layer.units - 1, key=UNIT, width=160, persist_state="session")
        st.toggle("The same colours for all layers", key=SAME, persist_state="session")
    st.caption(_about(layer, history.is_start_rebuilt))
    _exciting(subject, layer, unit)


def choose_layer(layers: list[Layer]) -> Layer:
    """A select box over the layers, kept while another part of the section is looked at."""
    by_name = {layer.name: layer for layer in layers}
    chosen = st.selectbox(
        "Layer",
        list(by_name),
        format_func=lambda name: f"{by_name[name].title} ({name}): {in_words(by_name[name])}",
        key=LAYER,
        persist_state="session",
    )
    return by_name[chosen]


def in_words(layer: Layer) -> str:
    """For example "20 channels, each with 10 planes of 5x5 weights"."""
    plane = f"{layer.height}x{layer.width} weights" if layer.height > 1 else f"{layer.width} weights"
    each = plane if layer.planes == 1 else f"{layer.planes} planes of {plane}"
    return f"{layer.units} {layer.unit}s, each with {each}"


def _about(layer: Layer, is_rebuilt: bool) -> str:
    says = []
    if layer.planes > 1:
        says.append(f"One strip is one {layer.unit}; each plane looks at one channel of the layer before.")
    elif layer.height == 1:
        says.append(f"One row is one {layer.unit}; each weight looks at one unit of the layer before.")
    says.append("Click a kernel, or choose it by its number. The few weights beyond the scale have its end's colour.")
    if is_rebuilt:
        says.append("The weights before the first step were not kept: they are drawn again from the run's seed.")
    return " ".join(says)


def _chosen_unit(layer: Layer) -> int:
    unit = min(int(st.session_state.get(UNIT) or 0), layer.units - 1)
    st.session_state[UNIT] = unit
    return unit


def _clicked() -> None:
    chosen = st.session_state["kernels"].unit
    if chosen is not None:
        st.session_state[UNIT] = int(chosen)


def _watch_the_first_layer() -> None:
    st.session_state.pop(LAYER, None)  # the first
    st.session_state[PLAY] = uuid.uuid4().hex


def _exciting(subject: Subject, layer: Layer, unit: int) -> None:
    """The nine test digits that excite the unit most, and the nine that excite it least."""
    st.markdown(f"**What excites {layer.unit} {unit} of {layer.title.lower()}**")
    found = channels.ANALYSIS.load(subject.run, subject.epoch)
    if found is None:
        study = channels.ANALYSIS.study(subject.run, subject.epoch)
        watch({"All 10,000 test digits": study}, "Find the digits", "a few seconds, once for each epoch.")
        return
    its = found[layer.name]
    for word, indices, values in (
        ("Most", its.most[unit], its.most_values[unit]),
        ("Least", its.least[unit], its.least_values[unit]),
    ):
        st.caption(f"{word}, of the 10,000 test digits")
        _row(indices, values)
    where = "its largest value anywhere on its map, " if layer.unit == "channel" else ""
    st.caption(f"Below each digit its number and how strongly it excites the {layer.unit}: {where}before ReLU.")


def _row(indices: np.ndarray, values: np.ndarray) -> None:
    digits = cache.digits("test")
    digit_images.row(
        list(digits.images[indices]),
        [f"#{index}\n{value:.2f}" for index, value in zip(indices, values, strict=True)],
        [f"Test digit {index}, {with_article(digits.labels[index])}" for index in indices],
        size=56,
    )
