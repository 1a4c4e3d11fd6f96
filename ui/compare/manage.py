"""What can be done with the chosen runs: name and note, tags, keep, delete."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.comparison.entry import Entry
from mnist_core.evaluation.statistics import plural
from mnist_core.runs.run import Run
from ui.access import changes
from ui.access.account import editors_only
from ui.common.actions import ask, delete_button, name_and_note
from ui.compare.chosen import choose

FIRST = 10  # runs that one press chooses


def manage(chosen: Sequence[Entry], shown: Sequence[Entry]) -> None:
    """The row of buttons; without a choice there is only one that makes the usual one."""
    row = st.container(horizontal=True, vertical_alignment="center")
    if not chosen:
        newest = [entry.run for entry in shown if entry.state != "damaged"][:FIRST]
        if len(newest) > 1:
            row.button(f"Choose the first {len(newest)}", icon=":material/checklist:", on_click=choose, args=(newest,))
        return
    runs = [entry.where for entry in chosen]
    with row:
        if len(chosen) == 1 and chosen[0].created is not None:
            with st.popover("Name and note", icon=":material/edit_note:"):
                name_and_note(runs[0])
        with st.popover("Tags", icon=":material/sell:"):
            _tags(chosen, runs)
        are_kept = all(entry.kept for entry in chosen)
        st.button(
            "No longer keep" if are_kept else "Keep",
            icon=":material/lock_open:" if are_kept else ":material/lock:",
            on_click=ask,
            args=(_keep, runs, not are_kept),
            **editors_only(help="A kept run cannot be deleted."),
        )
        what = "this run" if len(runs) == 1 else plural(len(runs), "run")
        delete_button(runs, f"Delete {what}")
        st.button("Choose none", icon=":material/close:", on_click=choose, args=([],))


def _tags(chosen: Sequence[Entry], runs: Sequence[Run]) -> None:
    """The tags that all the chosen runs have; one that is taken away here is taken from all of them."""
    shared = sorted(set.intersection(*(set(entry.tags) for entry in chosen)))
    known = sorted({tag for entry in chosen for tag in entry.tags})
    key = f"tags_of_{'_'.join(entry.run for entry in chosen[:20])}"
    with st.form(f"form_{key}", border=False):
        st.multiselect(
            "Tags" if len(chosen) == 1 else f"Tags of all {len(chosen)}",
            known,
            shared,
            accept_new_options=True,
            key=key,
            placeholder="Write a word and press Enter",
        )
        st.form_submit_button("Save", on_click=ask, args=(_save_tags, runs, shared, key), **editors_only())


def _save_tags(runs: Sequence[Run], before: Sequence[str], key: str) -> None:
    now = st.session_state[key]
    for run in runs:
        changes.tag(run, now, [tag for tag in before if tag not in now])


def _keep(runs: Sequence[Run], is_kept: bool) -> None:
    for run in runs:
        changes.keep(run, is_kept)
