"""The trials of a sweep, drawn: in their order, over the settings, on a map, by importance, as a table."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import streamlit as st

from mnist_core.config.train_config import settings
from mnist_core.errors import MnistError
from mnist_core.evaluation.statistics import between
from mnist_core.plots import search_space
from mnist_core.plots import sweeps as plots
from mnist_core.sweeps import results
from mnist_core.sweeps.plan import SweepPlan
from mnist_core.sweeps.results import TrialRow
from mnist_core.sweeps.sweep import Sweep
from ui.components.live_chart import live_chart

VIEWS = ("Trials", "Settings", "Map", "Importance", "Table")
HEIGHT = 400
_importances: dict[str, tuple[int, dict[str, float]]] = {}  # by sweep: from how many complete trials, and what
_at_work: set[str] = set()  # the sweeps whose importances are being computed
_lock, _pool = threading.Lock(), ThreadPoolExecutor(1)

_STYLE = """<style>
.st-key-sweep_controls {min-height: 4.6rem}
@media (max-width: 640px) {.st-key-sweep_controls {min-height: 8.4rem}}
</style>"""


def choose_view(sweep: Sweep, plan: SweepPlan) -> Callable[[Sequence[TrialRow]], None]:
    """What to draw; returns what draws it, from the trials."""
    st.html(_STYLE)
    names = list(plan.space)
    row = st.container(horizontal=True, vertical_alignment="top", key="sweep_controls")
    view = row.segmented_control(
        "Look at", VIEWS, default="Trials", required=True, key="sweep_view", persist_state="session"
    )
    across = up = names[0]
    if view == "Map":
        across, up = _two_settings(row, names)

    def draw(rows: Sequence[TrialRow]) -> None:
        alt = plots.in_words_of_all(rows)
        if view == "Table":
            table(rows, plan)
        elif view == "Importance":
            importance(sweep, rows)
        elif view == "Map" and across == up:
            st.caption("A map needs two searched settings; this sweep searches one.")
        else:
            figure = {
                "Trials": lambda: plots.trials_figure(rows, plan.slots or 0),
                "Settings": lambda: search_space.parallel_figure(rows, plan.space),
                "Map": lambda: search_space.map_figure(rows, plan.space, across, up),
            }[view]()
            live_chart(figure, key="sweep_chart", alt=alt, height=HEIGHT)

    return draw


def _two_settings(row: Any, names: list[str]) -> tuple[str, str]:
    if len(names) < 2:
        return names[0], names[0]
    label = lambda name: settings()[name].label  # noqa: E731
    across = row.selectbox("Across", names, 0, format_func=label, key="sweep_map_x", width=150)
    others = [name for name in names if name != across]
    return across, row.selectbox("Up", others, 0, format_func=label, key="sweep_map_y", width=150)


def importance(sweep: Sweep, rows: Sequence[TrialRow]) -> None:
    """Computed beside the page, for it takes seconds; the last answer stays until there is a newer one."""
    done = sum(row.state == "complete" for row in rows)
    with _lock:
        count, shares = _importances.get(sweep.id, (0, {}))
        if count != done and sweep.id not in _at_work:
            _at_work.add(sweep.id)
            _pool.submit(_compute, sweep, done)
    if not shares:
        st.caption(
            "How much each setting matters is computed once four trials are complete and differ; it takes seconds."
        )
        return
    figure = plots.importance_figure(shares)
    words = ", ".join(f"{settings()[name].label} {share:.0%}" for name, share in shares.items())
    live_chart(figure, key="sweep_chart", alt=f"Share of the variation: {words}.", height=HEIGHT)
    st.caption(
        f"From {count} complete trials, by functional ANOVA over a random forest (Hutter, Hoos, Leyton-Brown, 2014): "
        "which share of the differences in accuracy goes with each setting, within the ranges that were searched."
    )


def _compute(sweep: Sweep, done: int) -> None:
    try:
        with suppress(MnistError):  # its storage is away: asked again at the next look
            found = results.importances(sweep)
            _importances[sweep.id] = (done, found)
    finally:
        _at_work.discard(sweep.id)


def table(rows: Sequence[TrialRow], plan: SweepPlan) -> None:
    """Each trial with a link to its run."""
    size = plan.config.validation_size
    lines = []
    for row in rows:
        interval = results.accuracy_interval(row, size)
        lines.append(
            {
                "Trial": row.number,
                "Run": f"/Train?run={row.runs[0]}" if row.runs else None,
                "State": row.state,
                **{settings()[name].label: row.values.get(name) for name in plan.space},
                "Validation accuracy": None if row.accuracy is None else 100 * row.accuracy,
                "95 %": "" if interval is None else between(interval, 2),
                "Epochs": max(row.epochs, default=None),
                "Seconds": row.seconds,
                "Word": row.sentence,
            }
        )
    shown = st.column_config
    st.dataframe(
        lines,
        hide_index=True,
        height=HEIGHT,
        key="sweep_table",
        column_config={
            "Validation accuracy": shown.NumberColumn(format="%.2f %%", help=f"Of {size:,} validation digits."),
            "95 %": shown.TextColumn(
                "95 % interval", help="By its validation digits alone; a seed's luck is not in it."
            ),
            "Seconds": shown.NumberColumn(format="%.1f"),
            "Run": shown.LinkColumn(display_text="open"),
        },
    )
