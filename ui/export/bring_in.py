"""The way back: a run that somebody exported as a ZIP file, into the store."""

import streamlit as st

from mnist_core.errors import MnistError
from ui.access import changes
from ui.access.account import editors_only
from ui.common.text import plain

_TIMES, _REFUSED = "runs_brought_in", "run_refused"


def bring_in() -> None:
    """A button with a place for the file, and below it what came of it."""
    with st.popover("Import a run", icon=":material/input:"):
        times = st.session_state.setdefault(_TIMES, 0)
        file = st.file_uploader(
            "The ZIP file that Take away, or `export --format zip`, has written",
            ["zip"],
            key=f"run_zip_{times}",
            **editors_only(),
        )
        new_id = st.checkbox(
            "Under a new id, where another run has its id here", key=f"new_id_{times}", **editors_only()
        )
        st.caption(
            "Every file in it is checked, nothing in it is run, and no run here is replaced. "
            "The command `import` takes larger files."
        )
    if file is None:
        return
    asked, why = st.session_state.get(_REFUSED, (None, ""))
    if asked != (file.file_id, new_id):  # the page may run again for other reasons: once is enough
        try:
            done = changes.import_run(file.getvalue(), file.name, new_id)
        except MnistError as error:
            why = str(error)
            st.session_state[_REFUSED] = ((file.file_id, new_id), why)
        else:
            st.session_state[_TIMES] = times + 1  # another key is an empty uploader
            st.toast(plain(f"{done.run.id} {'is here already' if done.was_here else 'is imported'}."))
            st.rerun()
    st.error(plain(why), icon=":material/error:")
