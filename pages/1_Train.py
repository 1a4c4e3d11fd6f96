"""Train."""

from ui.frame import page

with page("Train", "To come."):
    pass
