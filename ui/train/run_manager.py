"""Several runs: the queue, a name and a note for a run, and deleting one."""

import streamlit as st

from mnist_core.config.networks import NETWORKS
from mnist_core.evaluation.statistics import plural
from mnist_core.runs import store
from mnist_core.runs.records import ACTIVE
from mnist_core.runs.run import Run
from mnist_core.system import trash
from mnist_core.system.plain_text import MAX_NAME, MAX_NOTE
from ui.access import changes
from ui.access.account import editors_only
from ui.common import cache
from ui.common.actions import ask, remember_deletion
from ui.common.run_selector import run_label
from ui.common.text import plain


def manage(run: Run) -> None:
    """The buttons of what can be done with a run that has nothing to do with training it."""
    with st.popover("Name, note, delete", icon=":material/edit_note:"):
        if cache.is_readable(run):
            _name_and_note(run)
        st.button(
            "Delete this run",
            icon=":material/delete:",
            on_click=lambda: st.session_state.update(deleting=run.id),
            **editors_only(cache.status(run).state in ACTIVE, "A run that trains or waits cannot be deleted."),
        )
    if st.session_state.pop("deleting", None) == run.id:
        _confirm_deletion(run)


def _name_and_note(run: Run) -> None:
    keys = [f"{what}_of_{run.id}" for what in ("name", "note")]
    with st.form(f"about_{run.id}", border=False):
        st.text_input("Name", cache.name(run), max_chars=MAX_NAME, key=keys[0])
        st.text_area("Note", run.note(), max_chars=MAX_NOTE, key=keys[1], placeholder="What you want to find out.")
        st.form_submit_button("Save", on_click=ask, args=(_save, run, *keys), **editors_only())


def _save(run: Run, name_key: str, note_key: str) -> None:
    changes.rename(run, st.session_state[name_key])
    changes.write_note(run, st.session_state[note_key])


@st.dialog("Delete this run?")
def _confirm_deletion(run: Run) -> None:
    st.markdown(plain(run_label(run)))
    st.caption(f"`{run.id}`: its curves, weights and predictions stay in the trash for {trash.KEPT_DAYS} days.")
    row = st.container(horizontal=True)
    sure = row.button(
        "Delete", type="primary", icon=":material/delete:", on_click=ask, args=(_delete, run), **editors_only()
    )
    if row.button("Keep it") or sure:
        st.rerun()  # closes the dialog


def _delete(run: Run) -> None:
    remember_deletion("run", [changes.delete_run(run)])
    st.query_params.pop("run", None)


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
