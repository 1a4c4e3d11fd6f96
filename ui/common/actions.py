"""What a button asks for: done once where it is pressed twice, its refusal shown, and a deletion undone."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from mnist_core.evaluation.statistics import plural
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.system import trash
from mnist_core.system.trash import Trashed
from mnist_core.system.trouble import as_sentence
from ui.access import changes
from ui.access.account import editors_only
from ui.common.run_selector import show_run
from ui.common.text import plain

DOUBLE_CLICK_SECONDS = 1.0  # a press so soon after the page has shown an outcome was made before it
LATE_SECONDS = 60.0  # no page is later than that: one that has not shown an outcome by then has failed
UNDO_SECONDS = 600.0  # a deletion longer ago is no longer offered here; the command line offers it for 30 days
_REFUSAL = "refusal"
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


def remember_deletion(kind: str, thrown: Sequence[Trashed]) -> None:
    """Let `show_undo` offer these runs or drawings (`kind`) back."""
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
