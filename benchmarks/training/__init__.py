"""How fast and how well the networks train."""
