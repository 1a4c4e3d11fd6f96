"""Choose a run: one select box that every page shares."""

import html
from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from mnist_core.config.networks import NETWORKS
from mnist_core.evaluation.statistics import plural, share
from mnist_core.plots.style import RUN_STYLES
from mnist_core.runs import store
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.text import plain

MOST = 200  # a list longer than that is sent to the browser for nothing; the address opens every run
_CHOSEN = "chosen_run"  # the id a person asked for in this session; the select box's own state ends with its page


def choose_run(candidates: list[Run] | None = None, default: Run | None = None, key: str = "run") -> Run | None:
    """A select box over `candidates` (the runs that can be asked), and the chosen one; None where there is none.

    Until a person chooses, it is `default` (the best finished run; before one has finished, the shipped one). A choice
    is kept from page to page, and in the URL as `?run=<id>`, so that a reload or a link shows the same.
    (`bind="query-params"` would write the label there, which changes while a run trains.)

    Raises FailedError where the runs are to be asked and the chosen one is damaged.
    """
    are_to_be_asked = candidates is None
    candidates = cache.runs_with_weights(also_damaged=True) if candidates is None else candidates
    if not candidates:
        return None
    asked = st.query_params.get(key)
    preferred = (st.session_state.get(key), asked, st.session_state.get(_CHOSEN))
    own = [run for run in candidates if not run.is_shipped]
    default = default or store.best_of(own, cache.status) or store.best_of(candidates, cache.status)
    default = default or next((run for run in candidates if cache.is_readable(run)), candidates[0])
    older = [run for run in candidates[MOST:] if run.id in preferred or run == default or run.is_shipped]
    labels = _labels(candidates[:MOST] + older)
    st.session_state[key] = next((id_ for id_ in preferred if id_ in labels), default.id)

    def remember() -> None:
        # The browser names its choice by the label it shows. Where that has changed since (a queued run now trains),
        # Streamlit hands on the label instead of the id.
        said = st.session_state[key]
        run_id = next((run_id for run_id, label in labels.items() if said in (run_id, label)), None)
        if run_id is not None:
            show_run(run_id, key)

    shown = f"The newest {MOST} of {len(candidates):,} runs." if len(candidates) > MOST else None
    st.selectbox("Run", list(labels), format_func=labels.__getitem__, key=key, on_change=remember, help=shown)
    chosen: str = st.session_state[key]
    if asked is not None and asked not in labels:
        st.caption(plain(f"{_why_not(asked)}: another one is shown."))
    elif asked == chosen:
        st.session_state[_CHOSEN] = chosen
    elif st.session_state.get(_CHOSEN) == chosen:
        st.query_params[key] = chosen
    run = next(run for run in candidates if run.id == chosen)
    if are_to_be_asked:
        cache.record(run)
    return run


def _why_not(asked: str) -> str:
    """Why the run that the address asks for is not among the candidates."""
    why = next((cache.damage(run) for run in store.every() if run.id == asked), None)
    return f"There is no run {asked}" if why is None else f"{asked} cannot be read ({why.rstrip('.')})"


def choose_others(run: Run, label: str, most: int, key: str) -> list[Run]:
    """A box for up to `most` runs besides `run`, kept from page to page and in the URL as `?<key>=<id>,<id>`."""
    candidates = [other for other in cache.runs_with_weights() if other.id != run.id]
    labels = _labels(candidates)
    linked, written = st.query_params.get(key, ""), f"{key}_in_address"
    came = linked if linked != st.session_state.get(written, "") else ""  # by a link: it goes before an earlier choice
    asked = came.split(",") if came else st.session_state.get(key, linked.split(","))
    # As above: a choice may come as a label that has changed since.
    by_name = {name: run_id for run_id, shown in labels.items() for name in (run_id, shown)}
    chosen = st.session_state[key] = [by_name[name] for name in asked if name in by_name][:most]
    if chosen:
        st.query_params[key] = ",".join(chosen)
    elif key in st.query_params:
        del st.query_params[key]
    st.session_state[written] = ",".join(chosen)
    st.multiselect(
        label,
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        max_selections=most,
        placeholder="Choose runs" if most > 1 else "Choose a run",
        persist_state="session",
    )
    return [other for other in candidates if other.id in chosen]


def show_run(run_id: str, key: str = "run") -> None:
    """Make this run the chosen one, on every page and in the URL; for callbacks."""
    st.session_state[key] = st.session_state[_CHOSEN] = st.query_params[key] = run_id


def notice_new_runs() -> None:
    """Run the page again when a run was started or deleted elsewhere: in a terminal, or in another tab."""
    before = cache.stamp(store.runs_folder())

    @st.fragment(run_every=2.0)
    def look() -> None:
        if cache.stamp(store.runs_folder()) != before:
            st.rerun()

    look()


def run_label(run: Run) -> str:
    """For example "96.8 % · Convolutional · 3 epochs · 22 Nov 22:18 · name", times in this machine's zone."""
    if not cache.is_readable(run):  # one damaged run must not take the choice of the others away
        return f"damaged · {run.id}"
    record, status = cache.record(run), cache.status(run)
    accuracy = "untested" if status.test_accuracy is None else share(status.test_accuracy)
    if run.is_shipped:
        return f"{accuracy} · {NETWORKS[record.config.model].title} · Shipped with the project"
    created = datetime.fromtimestamp(record.created)
    parts = [
        accuracy,
        NETWORKS[record.config.model].title,
        plural(status.epoch, "epoch"),
        f"{created.day} {created:%b %H:%M}",
    ]
    if status.state != "finished":
        parts.append("damaged" if status.damage else status.state)
    if name := cache.name(run):
        parts.append(name)
    return " · ".join(parts)


def legend(labels: Sequence[str], drawn: Sequence[str]) -> None:
    """One for all charts of these runs: for each that is `drawn`, in that order, its line's own mark and dash."""
    signs = {"solid": "━━━", "dash": "━ ━", "dot": "┅┅┅", "dashdot": "━ ┅"}
    shapes = {"circle": "●", "diamond": "◆", "square": "■", "triangle-up": "▲"}
    styles = dict(zip(drawn, RUN_STYLES, strict=False))
    lines = []
    for label in labels:
        if label in styles:
            colour, symbol, dash = styles[label]
            line = f'<span style="color:{colour}" aria-hidden="true">{shapes[symbol]} {signs[dash]}</span>'
            lines.append(f"{line} {html.escape(label)}")
    st.html("<br>".join(lines))


def _labels(candidates: list[Run]) -> dict[str, str]:
    """Label by id. Equal labels get the end of their id: a select box finds its option again by the label."""
    labels = {run.id: run_label(run) for run in candidates}
    shown = list(labels.values())
    return {
        run_id: label if shown.count(label) == 1 else f"{label} · {run_id[-4:]}" for run_id, label in labels.items()
    }
