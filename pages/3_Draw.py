"""Draw."""

from ui.frame import page

with page("Draw", "To come."):
    pass
