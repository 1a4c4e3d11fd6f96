"""The smallest change of a digit that changes the answer."""

import streamlit as st

from ui.inside.subject import Subject


def show(subject: Subject) -> None:
    """Show it for one digit."""
    st.caption(subject.name)
