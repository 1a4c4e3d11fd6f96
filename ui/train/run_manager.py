"""What can be done with a run besides training it, and the queue of those that wait."""

import streamlit as st

from mnist_core.config.networks import NETWORKS
from mnist_core.evaluation.statistics import plural
from mnist_core.runs import store
from mnist_core.runs.run import Run
from ui.access import changes
from ui.access.account import editors_only
from ui.common import cache
from ui.common.actions import ask, confirm_deletion, delete_button, name_and_note
from ui.common.text import plain


def manage(run: Run) -> None:
    """The buttons of what can be done with a run that has nothing to do with training it."""
    with st.popover("Name, note, delete", icon=":material/edit_note:"):
        if cache.is_readable(run):
            name_and_note(run)
        delete_button([run], "Delete this run")
    confirm_deletion()


def queue() -> None:
    """The runs that wait, in the order in which they will train, each with a button that takes it out."""
    waiting = store.queue()
    if not waiting:
        st.caption("No run is waiting. One trains at a time; what you start meanwhile waits here.")
        return
    for place, run in enumerate(waiting, start=1):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(f"**{place}.** {plain(_in_words(run))} · `{run.id}`", width="stretch")
        row.button(
            "Cancel",
            key=f"cancel_{run.id}",
            icon=":material/close:",
            on_click=ask,
            args=(changes.stop, run),
            **editors_only(),
        )


def _in_words(run: Run) -> str:
    if not cache.is_readable(run):
        return "damaged"
    config = cache.record(run).config
    return f"{cache.name(run) or NETWORKS[config.model].title}, {plural(config.epochs, 'epoch')}"
