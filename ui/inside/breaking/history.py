"""What was changed in a session, run by run: a list to which changes are added, with undo and redo."""

from dataclasses import dataclass, replace

import streamlit as st

from mnist_core.config.changes import Change, Changes, in_words, refuse_too_many
from mnist_core.runs.run import Run
from ui.common.actions import ask
from ui.common.text import plain


@dataclass(frozen=True)
class History:
    """Every state in the order in which it came, and the one that is shown."""

    states: tuple[Changes, ...] = ((),)
    at: int = 0

    @property
    def now(self) -> Changes:
        """The changes that are shown."""
        return self.states[self.at]

    def then(self, state: Changes) -> "History":
        """With a new state after the shown one; what was undone is gone."""
        return History((*self.states[: self.at + 1], state), self.at + 1)


def of(run: Run) -> History:
    """This session's, of the run; the same for all its epochs."""
    found: History = st.session_state.get(_key(run), History())
    return found


def add(run: Run, *changes: Change) -> None:
    """Make these changes after the others. Raises RequestError where they are too many."""
    history = of(run)
    refuse_too_many((*history.now, *changes))
    st.session_state[_key(run)] = history.then((*history.now, *changes))


def begin_with(run: Run, *changes: Change) -> None:
    """Make these changes alone; undo brings the others back."""
    st.session_state[_key(run)] = of(run).then(changes)


def show(run: Run) -> None:
    """The changes in words, and buttons: undo, redo, reset."""
    history = of(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        what = plain(in_words(history.now)) if history.now else "nothing yet"
        st.markdown(f"**Changed:** {what}.", width="stretch")
        undo, redo = history.at > 0, history.at < len(history.states) - 1
        st.button("Undo", icon=":material/undo:", disabled=not undo, on_click=_move, args=(run, -1))
        st.button("Redo", icon=":material/redo:", disabled=not redo, on_click=_move, args=(run, 1))
        st.button(
            "Reset", icon=":material/restart_alt:", disabled=not history.now, on_click=ask, args=(begin_with, run)
        )


def _move(run: Run, steps: int) -> None:
    history = of(run)
    place = min(max(history.at + steps, 0), len(history.states) - 1)
    st.session_state[_key(run)] = replace(history, at=place)


def _key(run: Run) -> str:
    return f"changes_of_{run.id}"
