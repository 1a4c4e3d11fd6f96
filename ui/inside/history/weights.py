"""A run's weights over its epochs, read once, and as files for the browser."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from mnist_core.interpretation.over_epochs.weights import WeightHistory, epochs_to_show, weight_history
from mnist_core.runs.run import Run
from mnist_core.system.files import home, make_folder, write_atomically
from ui.common import cache
from ui.components.served_folder import serve

LEVELS = 32_767  # a weight is sent as a whole number of so many parts of the layer's largest
_CLEAR = 99.5  # percent of a layer's weights that lie within its colours; the few beyond have the strongest one


class LayerFile(NamedTuple):
    """One layer's weights for the browser: int16, after (epochs, units, planes, height, width)."""

    address: str  # relative to the app's
    unit_value: float  # what 1 stands for
    reach: float  # the weight that has the strongest colour
    is_cut: bool  # some weights lie beyond it


def stamps(run: Run) -> tuple[cache.Stamp, ...]:
    """Differ when the weights of any epoch that is shown are others."""
    return tuple(cache.stamp(run.weights(epoch)) for epoch in epochs_to_show(run))


def history_of(run: Run) -> WeightHistory:
    """The run's kernels over its epochs."""
    return _history(run, stamps(run))


@st.cache_resource(show_spinner="Reading the weights of every epoch ...", max_entries=4, hash_funcs=cache.PATHS)
def _history(run: Run, stamps: tuple[cache.Stamp, ...]) -> WeightHistory:
    return weight_history(run)


def layer_file(run: Run, name: str) -> LayerFile:
    """The weights of the layer with this name, in a file; written the first time."""
    asked = (run, stamps(run), name, str(home()))
    found = _layer_file(*asked)
    if not (_folder() / Path(found.address).name).exists():  # the cache has been emptied
        _layer_file.clear()
        found = _layer_file(*asked)
    return found


def _folder() -> Path:
    return make_folder(home() / "cache" / "kernels")


@st.cache_resource(show_spinner=False, max_entries=50, hash_funcs=cache.PATHS)
def _layer_file(run: Run, stamps: tuple[cache.Stamp, ...], name: str, home_folder: str) -> LayerFile:
    weights = history_of(run).weights[name]
    largest = max(float(np.abs(weights).max()), 1e-9)
    reach = max(float(np.percentile(np.abs(weights), _CLEAR)), 1e-9)
    content = np.round(weights * (LEVELS / largest)).astype("<i2").tobytes()
    folder = _folder()
    path = folder / f"{hashlib.sha256(content).hexdigest()[:20]}.i16"
    if not path.exists():
        write_atomically(path, content)
    return LayerFile(f"{serve('kernels', folder)}/{path.name}", largest / LEVELS, reach, reach < largest)
