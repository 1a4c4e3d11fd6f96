"""Home: what is trained, how good it is, where to go next."""

from ui.frame import page

with page("Home", "Train a network on handwritten digits, see what it gets wrong, draw your own."):
    pass
