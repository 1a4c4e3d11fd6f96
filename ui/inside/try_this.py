"""One sentence on what is to be seen, and a button that does it."""

from collections.abc import Callable
from typing import Any

import streamlit as st


def try_this(seen: str, label: str, act: Callable[..., None], *arguments: Any) -> None:
    """Say what a view shows (`seen`), and offer an experiment, which `act(*arguments)` sets up for the next run."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(seen, width="stretch")
        st.button(f"Try this: {label}", icon=":material/science:", on_click=act, args=arguments, key=f"try_{label}")
