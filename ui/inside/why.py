"""Which parts of a digit decided, and which digits lie near it."""

import streamlit as st

from ui.inside.subject import Subject


def show(subject: Subject) -> None:
    """Show it for one digit."""
    st.caption(subject.name)
