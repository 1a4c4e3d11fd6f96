"""Mistakes."""

from ui.frame import page

with page("Mistakes", "To come."):
    pass
