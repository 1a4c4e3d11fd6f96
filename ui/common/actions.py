"""What a button asks for: done once where it is pressed twice, its refusal shown; naming, deleting and undoing that."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from mnist_core.evaluation.statistics import plural
from mnist_core.runs import store
from mnist_core.runs.records import ACTIVE
from mnist_core.runs.run import Run
from mnist_core.system import trash
from mnist_core.system.plain_text import MAX_NAME, MAX_NOTE
from mnist_core.system.trash import Trashed
from mnist_core.system.trouble import as_sentence
from ui.access import changes
from ui.access.account import editors_only
from ui.common import cache
from ui.common.run_selector import run_label, show_run
from ui.common.text import plain

DOUBLE_CLICK_SECONDS = 1.0  # a press so soon after the page has shown an outcome was made before it
LATE_SECONDS = 60.0  # no page is later than that: one that has not shown an outcome by then has failed
UNDO_SECONDS = 600.0  # a deletion longer ago is no longer offered here; the command line offers it for 30 days
MOST_NAMED = 5  # runs in the dialog that asks whether they are to be deleted
_REFUSAL = "refusal"
_DELETING = "deleting"
_PRESSES = "presses"


class Presses:
    """A session's last press of a button that starts something.

    Streamlit handles the second press of a double click in a thread of its own, while the first is still being
    handled, and on a busy machine seconds after it was made. So what counts is not the time between the two, but
    whether the page had shown what the first one started.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: tuple[Any, ...] | None = None
        self._outcome: Any = None
        self._pressed_at = 0.0  # time.monotonic(), when it was done
        self._shown_at: float | None = None

    def once(self, action: Callable[..., Any], *arguments: Any) -> Any:
        """What `action(*arguments)` returns, or has returned where the page has not shown it yet."""
        with self._lock:
            if self._asked != (action, arguments) or not self._is_news():
                self._outcome = action(*arguments)
                self._asked, self._shown_at, self._pressed_at = (action, arguments), None, time.monotonic()
            return self._outcome

    def _is_news(self) -> bool:
        """Whether who presses now may not have seen the outcome."""
        if self._shown_at is None:
            return time.monotonic() - self._pressed_at < LATE_SECONDS
        return time.monotonic() - self._shown_at < DOUBLE_CLICK_SECONDS

    def shown(self) -> None:
        """The page has been drawn to its end: from now on another press asks for more."""
        if self._shown_at is None:
            self._shown_at = time.monotonic()


def presses() -> Presses:
    """This session's. For `on_click=ask, args=(presses().once, action, ...)`: the action of a button, once a press."""
    found: Presses = st.session_state.setdefault(_PRESSES, Presses())
    return found


def ask(action: Callable[..., Any], *arguments: Any) -> None:
    """Do what a button asks; `show_refusal` says in the script run that follows where that was refused.

    A run that it returns becomes the chosen one.
    """
    try:
        outcome = action(*arguments)
        if isinstance(outcome, Run):
            show_run(outcome.id)
    except Exception as error:
        if (sentence := as_sentence(error)) is None:
            raise
        st.session_state[_REFUSAL] = str(sentence)


def show_refusal() -> None:
    """Why the last button was refused, once."""
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.error(plain(refusal), icon=":material/error:")


def name_and_note(run: Run) -> None:
    """A form for what a person says of a run."""
    keys = [f"{what}_of_{run.id}" for what in ("name", "note")]
    with st.form(f"about_{run.id}", border=False):
        st.text_input("Name", cache.name(run), max_chars=MAX_NAME, key=keys[0])
        st.text_area("Note", run.note(), max_chars=MAX_NOTE, key=keys[1], placeholder="What you want to find out.")
        st.form_submit_button("Save", on_click=ask, args=(_save, run, *keys), **editors_only())


def _save(run: Run, name_key: str, note_key: str) -> None:
    changes.rename(run, st.session_state[name_key])
    changes.write_note(run, st.session_state[note_key])


def delete_button(runs: Sequence[Run], label: str) -> None:
    """Asks for the deletion of these runs; `confirm_deletion`, further down on the page, asks whether that is meant."""
    is_active = any(cache.status(run).state in ACTIVE for run in runs)
    st.button(
        label,
        icon=":material/delete:",
        on_click=lambda: st.session_state.update({_DELETING: list(runs)}),
        **editors_only(is_active, "A run that trains or waits cannot be deleted." if is_active else None),
    )


def confirm_deletion() -> None:
    """Where a deletion was asked for, a dialog that does it or not."""
    if runs := st.session_state.pop(_DELETING, None):
        what = "this run" if len(runs) == 1 else plural(len(runs), "run")
        st.dialog(f"Delete {what}?")(_confirm)(runs)


def _confirm(runs: Sequence[Run]) -> None:
    for run in runs[:MOST_NAMED]:
        st.markdown(plain(run_label(run)))
    more = f"and {len(runs) - MOST_NAMED:,} more" if len(runs) > MOST_NAMED else f"`{runs[0].id}`"
    st.caption(f"{more}: curves, weights and predictions stay in the trash for {trash.KEPT_DAYS} days.")
    row = st.container(horizontal=True)
    sure = row.button(
        "Delete", type="primary", icon=":material/delete:", on_click=ask, args=(_delete, runs), **editors_only()
    )
    if row.button("Keep it" if len(runs) == 1 else "Keep them") or sure:
        st.rerun()  # closes the dialog


def _delete(runs: Sequence[Run]) -> None:
    thrown: list[Trashed] = []
    try:
        thrown.extend(changes.delete_run(run) for run in runs)  # where one refuses, those before it can be undone
    finally:
        if thrown:
            remember_deletion("run", thrown)
    st.query_params.pop("run", None)


def remember_deletion(kind: str, thrown: Sequence[Trashed]) -> None:
    """Let `show_undo` offer these runs, drawings or sweeps (`kind`) back."""
    st.session_state[f"deleted_{kind}"] = list(thrown)


def show_undo(kind: str) -> None:
    """What was just deleted in this session, with a button that brings it back."""
    last: list[Trashed] = st.session_state.get(f"deleted_{kind}", [])
    last = [one for one in last if time.time() - one.at < UNDO_SECONDS and one.folder.is_dir()]
    if not last:
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    what = f"`{last[0].id}`" if len(last) == 1 else plural(len(last), kind)
    row.markdown(f"Deleted {what}; it stays in the trash for {trash.KEPT_DAYS} days.", width="stretch")
    row.button(
        "Undo deletion",
        key=f"undo_{kind}",
        icon=":material/undo:",
        on_click=ask,
        args=(_undo, kind, last),
        **editors_only(),
    )


def _undo(kind: str, last: list[Trashed]) -> Run | None:
    st.session_state.pop(f"deleted_{kind}", None)
    for one in last:
        changes.restore(one)
    return store.find(last[0].id) if kind == "run" else None
