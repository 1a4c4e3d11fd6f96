"""The Map section: the test digits as points, close together where they look alike to the network."""

import streamlit as st

from mnist_core.plots.projection import map_figure
from mnist_core.runs.run import Run
from ui.common import cache
from ui.components.digit_map import choose_map
from ui.components.projection_chart import map_chart


def show(run: Run, epoch: int) -> None:
    """One of two maps."""
    st.markdown(
        "The network's embedding of each test digit (the input of its last layer), projected to two dimensions. "
        "Digits that look alike to the network lie close together; its mistakes lie where the clusters touch."
    )
    chosen = choose_map(run, epoch)
    if chosen is None:
        return
    map_chart(
        map_figure(chosen.map, cache.answers_of(run, epoch), chosen.revision),
        key="digit_map",
        alt=f"Map of test digits by the network's features. {chosen.about} Arrow keys go from mistake to mistake.",
    )
    st.caption(chosen.about + " Drag over a part to enlarge it; double-click to see all.")
