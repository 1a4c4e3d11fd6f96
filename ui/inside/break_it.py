"""What happens to the answers when a part of the network is changed."""

import streamlit as st

from ui.inside.subject import Subject


def show(subject: Subject) -> None:
    """Show it for one digit."""
    st.caption(subject.name)
