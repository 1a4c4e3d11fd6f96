"""Choose a sweep; the address carries the choice."""

from datetime import datetime

import streamlit as st

from mnist_core.config.train_config import settings
from mnist_core.errors import MnistError
from mnist_core.sweeps.sweep import Sweep
from ui.access import changes
from ui.access.account import editors_only
from ui.common.actions import ask, remember_deletion
from ui.common.text import plain

KEY = "sweep"


def choose_sweep(known: list[Sweep]) -> Sweep:
    """A select box over the sweeps, the newest first, and the chosen one, with a button that deletes it."""
    ids = [sweep.id for sweep in known]
    asked = st.query_params.get(KEY)
    preferred = (st.session_state.get(KEY), asked)
    st.session_state[KEY] = next((sweep_id for sweep_id in preferred if sweep_id in ids), ids[0])
    labels = {sweep.id: sweep_label(sweep) for sweep in known}

    def remember() -> None:
        st.query_params[KEY] = st.session_state[KEY]

    row = st.container(horizontal=True, vertical_alignment="bottom")
    chosen = row.selectbox("Sweep", ids, format_func=labels.__getitem__, key=KEY, on_change=remember)
    sweep = next(sweep for sweep in known if sweep.id == chosen)
    row.button(
        "Delete sweep",
        icon=":material/delete:",
        on_click=ask,
        args=(_delete, sweep),
        **editors_only(help="Moves it into the trash; its runs stay."),
    )
    if asked is not None and asked not in ids:
        st.caption(plain(f"There is no sweep {asked}: another one is shown."))
    return sweep


def _delete(sweep: Sweep) -> None:
    remember_deletion("sweep", [changes.delete_sweep(sweep)])
    st.query_params.pop(KEY, None)


def show_sweep(sweep: Sweep) -> None:
    """Make this sweep the chosen one; for callbacks."""
    st.session_state[KEY] = st.query_params[KEY] = sweep.id


def sweep_label(sweep: Sweep) -> str:
    """For example "27 Nov 21:40 · Learning rate, Momentum · name", times in this machine's zone."""
    try:
        file = sweep.file()
        created = datetime.fromtimestamp(file.created)
        searched = ", ".join(settings()[name].label for name in sweep.plan().space)
    except MnistError:
        return f"{sweep.id} · cannot be read"
    parts = [f"{created.day} {created:%b %H:%M:%S}", searched]
    return " · ".join([*parts, *([file.name] if file.name else [])])
