"""One module for each kind of picture: its function `case(rng, digits)` makes one, and says what is wanted."""
