"""The page's address carries the settings; beside it, the same as a command."""

import streamlit as st

from mnist_core.config.sharing import from_query, to_command, to_query
from mnist_core.config.train_config import TrainConfig, settings
from ui.common.text import plain
from ui.train.settings_form import fill

_READ = "address_read"  # once a session: afterwards the widgets lead, and the address follows


def settings_from_address() -> None:
    """Fill the widgets from the address that this session was opened with, and say what of it could not be used."""
    if st.session_state.get(_READ):
        return
    st.session_state[_READ] = True
    config, complaint = from_query(st.query_params)
    if to_query(config):
        fill(config.model_dump())
    if complaint:
        st.warning(plain(complaint), icon=":material/warning:")


def settings_to_address(config: TrainConfig | None) -> None:
    """Let the address carry what differs from the defaults; it stays as it is while settings exclude each other."""
    if config is None:
        return
    wanted = to_query(config)
    for name in settings():
        if name in wanted and st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]
        elif name not in wanted and name in st.query_params:
            del st.query_params[name]


def share(config: TrainConfig | None) -> None:
    """How to hand these settings on."""
    with st.popover("Share", icon=":material/share:", width="stretch", disabled=config is None):
        if config is None:
            return
        st.markdown("The address of this page carries these settings and the chosen run: copy it from your browser.")
        st.markdown("The same settings as a command:")
        st.code(to_command(config), language="bash", wrap_lines=True)
