"""The Curves section: the chosen runs' curves in one chart that lasts while they train."""

import importlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from mnist_core.comparison import entry as entry_module
from mnist_core.comparison.curves import QUANTITIES, Axis, Line, band, line
from mnist_core.comparison.entry import Entry
from mnist_core.comparison.seeds import by_settings
from mnist_core.errors import MnistError
from mnist_core.evaluation.statistics import plural, share
from mnist_core.plots.comparison import AXIS_TITLES, Series, curves_figure, quantity_title
from mnist_core.runs.records import ACTIVE
from ui.common import cache
from ui.common.text import plain
from ui.compare.chosen import names
from ui.components.live_chart import live_chart, load_plotly

MOST = 30  # curves: more are no longer told apart
HEIGHT = 420
SMOOTHING = 0.8
AXES: dict[str, Axis] = {"Digits": "digits", "Epochs": "epochs", "Seconds": "seconds"}
_TITLES = {quantity_title(name): name for name in QUANTITIES}
_STYLE = """<style>
.st-key-curve_controls {min-height: 4.6rem}
</style>"""


_NOTHING = Line(np.empty(0), np.empty(0))


class _Look(NamedTuple):
    quantity: str
    along: Axis
    log_x: bool
    log_y: bool
    smoothing: float
    bands: bool


def show(chosen: Sequence[Entry], shown: Sequence[Entry]) -> None:
    """One of their quantities against digits, epochs or seconds."""
    readable = [entry for entry in chosen if entry.created is not None][:MOST]
    if not readable:
        st.info("Choose runs in the table above, to see their curves in one chart.", icon=":material/info:")
        load_plotly()  # so that the first chart is there at once; SciPy's filters for the smoothing take a second
        importlib.import_module("scipy.signal")
        return

    @st.fragment  # a choice of the chart's redraws this alone
    def panel() -> None:
        look = _choose_look(readable)
        is_active = any(entry.state in ACTIVE for entry in readable)

        @st.fragment(run_every=1.0 if is_active else None)
        def watch() -> None:
            now = [_afresh(entry) for entry in readable]
            _draw(now, look)
            if any(a.state != b.state for a, b in zip(now, readable, strict=True)):
                st.rerun()

        watch()

    panel()
    if len(chosen) > MOST:
        st.caption(f"The first {MOST} of {len(chosen):,} chosen runs are drawn.")


def _choose_look(readable: Sequence[Entry]) -> _Look:
    st.html(_STYLE)
    row = st.container(horizontal=True, vertical_alignment="bottom", key="curve_controls")
    kept: dict[str, Any] = {"required": True, "bind": "query-params", "persist_state": "session"}
    has_validation = any(entry.settings["validation_size"] for entry in readable)
    titles = [title for title, name in _TITLES.items() if has_validation or not name.startswith("validation")]
    title = row.selectbox("Show", titles, key="quantity", bind="query-params", persist_state="session", width=200)
    along = row.segmented_control("Against", list(AXES), default="Digits", key="against", **kept)
    logs = row.pills(
        "Log axes", ["x", "y"], selection_mode="multi", key="log_axes", bind="query-params", persist_state="session",
        help="Accuracies on a log axis are drawn as error rates: the difference between 99.5 and 99.7 % is then seen.",
    )  # fmt: skip
    quantity = _TITLES[title]
    smoothing = row.slider(
        "Smoothing",
        0.0,
        0.99,
        SMOOTHING,
        0.01,
        key="compare_smoothing",
        width=170,
        disabled=quantity != "train_loss",
        help="Of the training loss: an exponential moving average that keeps this much of the past at each logged "
        "update, divided by the sum of its weights so that it has no bias towards zero; 0 shows the loss as logged.",
        bind="query-params",
        persist_state="session",
    )
    has_seeds = len(by_settings(readable)) < len(readable)
    bands = has_seeds and row.toggle(
        "Seeds as one",
        value=True,
        key="bands",
        bind="query-params",
        persist_state="session",
        help="Runs that nothing but the seed sets apart: their mean, and from the lowest to the highest a band, where "
        "all of them have points.",
    )
    return _Look(quantity, AXES[along or "Digits"], "x" in logs, "y" in logs, smoothing, bands)


def _afresh(entry: Entry) -> Entry:
    return entry_module.read(entry.where) if entry.state in ACTIVE else entry


def _draw(readable: Sequence[Entry], look: _Look) -> None:
    lines: dict[str, Line] = {}
    for entry in readable:
        try:
            _, curves = cache.metrics(entry.where)
        except MnistError as error:  # its curve is damaged: the others are drawn
            st.warning(plain(str(error)), icon=":material/healing:")
            continue
        lines[entry.run] = line(curves, entry, look.quantity, look.along, look.smoothing)
    called = names(readable)
    series = _series(readable, lines, look.bands)
    title = quantity_title(look.quantity)
    if not series:
        st.info(f"None of the chosen runs has logged its {title.lower()} yet.", icon=":material/info:")
        return
    if silent := [called[entry.run] for entry in readable if not len(lines.get(entry.run, _NOTHING).x)]:
        st.caption(plain(f"Nothing is logged of {', '.join(silent)}."))
    figure = curves_figure(
        series,
        look.quantity,
        look.along,
        log_x=look.log_x,
        log_y=look.log_y,
        revision=",".join(entry.run for entry in readable),
    )
    ends = "; ".join(f"{one.label} ends at {_written(one.line.y[-1], look.quantity)}" for one in series[:10])
    alt = f"{title} of {plural(len(series), 'curve')} against {AXIS_TITLES[look.along]}: {ends}."
    live_chart(figure, key="compared_curves", alt=alt, height=HEIGHT)


def _series(readable: Sequence[Entry], lines: dict[str, Line], bands: bool) -> list[Series]:
    """The curves, each with the place of its colour: those of the same settings as one where `bands`."""
    called = names(readable)
    settings = by_settings(readable)
    groups = [(one.label, one.entries) for one in settings] if bands else [("", [entry]) for entry in readable]
    series: list[Series] = []
    for place, (label, group) in enumerate(groups):
        own = [entry for entry in group if entry.run in lines and len(lines[entry.run].x)]
        shared = band([lines[entry.run] for entry in own]) if len(own) > 1 else None
        if shared is not None:
            name = f"{label.replace('_', ' ')}, {plural(len(own), 'run')}"
            series.append(Series(name, Line(shared.x, shared.mean), shared, place))
        else:
            series += [Series(called[entry.run], lines[entry.run], None, place) for entry in own]
    return series


def _written(value: float, quantity: str) -> str:
    return share(value, 2) if quantity.endswith("accuracy") else f"{value:.4g}"
