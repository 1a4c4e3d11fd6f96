"""`ablate`: change parts of a trained network, and see what that does to its answers."""
