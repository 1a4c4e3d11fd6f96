"""Which runs are chosen to be compared: kept in the session, and in the address as `?runs=<id>,<id>`."""

from collections.abc import Iterable, Sequence

import streamlit as st

from mnist_core.comparison import index
from mnist_core.comparison.entry import Entry
from mnist_core.comparison.several import distinct
from ui.common.text import plain

MOST_IN_ADDRESS = 50  # ids: browsers and servers take some thousand characters
_KEY = "runs"
_CHOSEN, _TURN, _WRITTEN = "compared_runs", "compared_turn", "compared_in_address"


def all_runs() -> list[Entry]:
    """Every run, newest first. With ten thousand of them the first look takes half a minute, the next half a second."""
    with st.spinner("Reading the runs ...", show_time=True):
        return index.entries()


def chosen_of(every: Sequence[Entry]) -> list[Entry]:
    """The chosen ones, in the order in which they were chosen; a link's go before what was chosen earlier."""
    asked = st.query_params.get(_KEY, "")
    if asked and asked != st.session_state.get(_WRITTEN):
        choose(filter(None, asked.split(",")))
    by_id = {entry.run: entry for entry in every}
    wanted = st.session_state.get(_CHOSEN, [])
    if gone := [run_id for run_id in wanted if run_id not in by_id]:
        st.session_state[_CHOSEN] = wanted = [run_id for run_id in wanted if run_id in by_id]
        st.caption(plain(f"There is no run {', '.join(gone[:3])}{' and others' if len(gone) > 3 else ''}."))
    st.session_state[_WRITTEN] = now = ",".join(wanted[:MOST_IN_ADDRESS])
    if now != asked:
        if now:
            st.query_params[_KEY] = now
        else:
            st.query_params.pop(_KEY, None)
    return [by_id[run_id] for run_id in wanted]


def choose(ids: Iterable[str]) -> None:
    """Make these the chosen ones, in the table as well; for callbacks."""
    st.session_state[_CHOSEN] = list(dict.fromkeys(ids))
    st.session_state[_TURN] = turn() + 1


def take_choice(shown: Sequence[str], selected: Iterable[str]) -> None:
    """What a person has selected in a table of these runs; those it does not show stay chosen."""
    before, now = st.session_state.get(_CHOSEN, []), list(selected)
    kept = [run_id for run_id in before if run_id in now or run_id not in shown]
    st.session_state[_CHOSEN] = kept + [run_id for run_id in now if run_id not in kept]


def turn() -> int:
    """Another number each time the choice was made elsewhere than in the table."""
    count: int = st.session_state.get(_TURN, 0)
    return count


def names(entries: Sequence[Entry]) -> dict[str, str]:
    """What to call these runs, by id."""
    return distinct({entry.run: entry.name for entry in entries})
