"""What each channel looks for, and how its kernel came to be."""

import streamlit as st

from ui.inside.subject import Subject


def show(subject: Subject) -> None:
    """Show it for one digit."""
    st.caption(subject.name)
