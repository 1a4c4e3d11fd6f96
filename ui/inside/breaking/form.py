"""Choose one change of a network."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from mnist_core.config.changes import BITS, MAX_NOISE, MAX_VALUE, Change, DropBiases, Edit, Noise, Off, Prune, Round
from ui.common.actions import ask
from ui.inside.breaking import history
from ui.inside.subject import Subject

if TYPE_CHECKING:
    import torch

    from mnist_core.models.changed import Layer

ALL = "all layers"


def show(subject: Subject, network: "torch.nn.Module") -> None:
    """A kind of change, what it needs, and a button that makes it. `network` is as it is changed so far."""
    from mnist_core.models.changed import layers

    known = layers(network)
    first = next(iter(_KINDS))
    kind = st.segmented_control(
        "What to change", list(_KINDS), default=first, required=True, key="change_kind", wrap=True
    )
    change, about = _KINDS[kind or first](network, known)
    st.caption(about)
    st.button(
        "Change it",
        type="primary",
        icon=":material/build:",
        disabled=change is None,
        on_click=ask,
        args=(_make, subject, change),
    )


def _make(subject: Subject, change: Change) -> None:
    history.add(subject.run, change)


def _off(network: "torch.nn.Module", known: "dict[str, Layer]") -> tuple[Change | None, str]:
    name, layer = _layer(known)
    places = st.multiselect(
        f"Which {layer.what}",
        range(layer.size),
        key=f"off_of_{name}_{layer.size}",
        placeholder=f"0 to {layer.size - 1}",
    )
    change = Off(layer=name, what=layer.what, places=tuple(places)) if places else None
    last = " Here a unit is a digit." if name == list(known)[-1] else ""
    return change, f"Whatever they see, their value is 0: nothing of them reaches the next layer.{last}"


def _noise(network: "torch.nn.Module", known: "dict[str, Layer]") -> tuple[Change | None, str]:
    layer = _layer_or_all(known)
    left, right = st.columns(2)
    amount = left.slider("How much", 0.05, 3.0, 0.5, 0.05, key="noise_amount", help=f"A terminal takes {MAX_NOISE:g}.")
    seed = right.number_input("Seed", 0, 2**31 - 1, 0, key="noise_seed", help="Another seed is other noise.")
    about = "At 1 the noise is as large as the weights themselves (their standard deviation, layer by layer)."
    return Noise(layer=layer, amount=amount, seed=seed), about


def _round(network: "torch.nn.Module", known: "dict[str, Layer]") -> tuple[Change | None, str]:
    layer = _layer_or_all(known)
    bits = st.segmented_control("Bits for each weight", BITS, default=4, required=True, key="round_bits")
    about = (
        "A weight has 32 bits. In b bits it is one of 2ᵇ − 1 values at equal distances about 0, one scale for each "
        "layer; in 1 bit its sign alone is left."
    )
    return Round.model_validate({"layer": layer, "bits": bits}), about


def _prune(network: "torch.nn.Module", known: "dict[str, Layer]") -> tuple[Change | None, str]:
    layer = _layer_or_all(known)
    share = st.slider("Share of the weights, %", 1, 100, 50, key="prune_share")
    return Prune(layer=layer, share=share / 100), "The weights nearest to 0 become 0, as if they were not there."


def _drop_biases(network: "torch.nn.Module", known: "dict[str, Layer]") -> tuple[Change | None, str]:
    layer = _layer_or_all(known)
    return DropBiases(layer=layer), "What a channel or unit adds to its sum, whatever it sees, becomes 0."


def _edit(network: "torch.nn.Module", known: "dict[str, Layer]") -> tuple[Change | None, str]:
    shapes = {name: tuple(value.shape) for name, value in network.named_parameters()}
    name = st.selectbox("Weights or biases", list(shapes), key=f"edit_parameter_{network_key(known)}")
    columns = st.columns(len(shapes[name]) + 1)
    meant = {4: ("To channel", "From channel", "Row", "Column"), 2: ("To unit", "From unit"), 1: ("Place",)}
    index = tuple(
        column.number_input(title, 0, size - 1, 0, key=f"edit_{name}_{shapes[name]}_{title}")
        for column, title, size in zip(columns, meant[len(shapes[name])], shapes[name], strict=False)
    )
    from mnist_core.models.changed import parameter

    now = parameter(network, name, index)
    value = columns[-1].number_input("New value", -MAX_VALUE, MAX_VALUE, 1.0, 0.1, format="%.3f", key="edit_value")
    return Edit(parameter=name, index=index, value=value), f"It is {now:.4f} now. One number of many: does it matter?"


def _layer(known: "dict[str, Layer]") -> "tuple[str, Layer]":
    name = st.selectbox(
        "Layer", list(known), format_func=lambda name: described(known[name]), key=f"change_layer_{network_key(known)}"
    )
    return name, known[name]


def _layer_or_all(known: "dict[str, Layer]") -> str | None:
    chosen = st.selectbox(
        "Layer",
        [ALL, *known],
        format_func=lambda name: ALL if name == ALL else described(known[name]),
        key=f"change_layer_or_all_{network_key(known)}",
    )
    return None if chosen == ALL else chosen


def network_key(known: "dict[str, Layer]") -> str:
    """A part of the key of a widget whose choices are another network's no more."""
    return "_".join(known)


def described(layer: "Layer") -> str:
    """For example "conv1, 10 channels"."""
    return f"{layer.name}, {layer.size} {layer.what}"


_KINDS: "dict[str, Callable[[torch.nn.Module, dict[str, Layer]], tuple[Change | None, str]]]" = {
    "Switch off": _off,
    "Add noise": _noise,
    "Round": _round,
    "Prune": _prune,
    "Drop biases": _drop_biases,
    "Set one weight": _edit,
}
