"""A whole number in one picture: its digits told apart, marks named, and all of it read."""
