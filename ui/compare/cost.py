"""The Accuracy and cost section: every run by what it costs and how good it is, and those that nothing beats."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mnist_core.comparison.entry import Entry
from mnist_core.comparison.front import front, with_both
from mnist_core.evaluation.statistics import plural, share
from mnist_core.plots.comparison import Point, front_figure
from ui.common.text import plain
from ui.compare.chosen import choose
from ui.components.live_chart import live_chart

HEIGHT = 420
COSTS = {"Seconds": "train_seconds", "Parameters": "parameters"}
ACCURACIES = {"Best validation": "best_validation_accuracy", "Last test": "test_accuracy"}
_TITLES = {"train_seconds": "seconds of training", "parameters": "parameters"}


@st.fragment  # a choice of the chart's redraws this alone
def show(chosen: Sequence[Entry], shown: Sequence[Entry]) -> None:
    """All runs of the table; the front is of what no other beats in both."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    kept: dict[str, Any] = {"required": True, "bind": "query-params", "persist_state": "session"}
    cost = row.segmented_control("Cost", list(COSTS), default="Seconds", key="cost", **kept)
    first = "Best validation" if any(entry.best for entry in shown) else "Last test"
    accuracy = row.segmented_control("Accuracy", list(ACCURACIES), default=first, key="by_accuracy", **kept)
    log = row.toggle("Log axis of costs", key="log_cost", bind="query-params", persist_state="session")
    cost_name, accuracy_name = COSTS[cost or "Seconds"], ACCURACIES[accuracy or first]
    known = with_both(shown, cost_name, accuracy_name)
    if not known:
        st.info(f"No run of the table has a {(accuracy or first).lower()} accuracy.", icon=":material/info:")
        return
    best = front([its_cost for _, its_cost, _ in known], [its_accuracy for _, _, its_accuracy in known])
    points = [Point(entry.name or entry.run, *values) for entry, *values in known]
    ids = {entry.run for entry in chosen}
    ringed = {place for place, (entry, _, _) in enumerate(known) if entry.run in ids}
    figure = front_figure(
        points, best, ringed, _TITLES[cost_name], f"{(accuracy or first).lower()} accuracy", log_x=log
    )
    names = [known[place][0] for place in best]
    told = "; ".join(f"{points[place].label} {share(points[place].accuracy, 2)}" for place in best[:10])
    alt = f"{plural(len(known), 'run')} by {_TITLES[cost_name]} and accuracy. Nothing beats {told}."
    live_chart(figure, key="compared_costs", alt=alt, height=HEIGHT)
    few = ", ".join(plain(points[place].label) for place in best[:8])
    more = f" and {len(best) - 8} more" if len(best) > 8 else ""
    st.markdown(
        f"Of {plural(len(known), 'run')} nothing beats {few}{more}: no other is both cheaper and more accurate."
    )
    if st.button(
        f"Choose these {len(best)}" if len(best) > 1 else "Choose it",
        icon=":material/checklist:",
        on_click=choose,
        args=([entry.run for entry in names],),
    ):
        st.rerun()  # the table, which is not of this fragment, shows the choice
    if accuracy_name == "test_accuracy":
        st.caption("By test digits this is a report: choose by validation digits, or the chosen one is flattered.")
