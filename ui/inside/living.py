"""The network as one picture, from the image to the ten answers, moving with the pen."""

import streamlit as st

from ui.inside.subject import Subject


def show(subject: Subject) -> None:
    """Show it for one digit."""
    st.caption(subject.name)
