"""How fast the pages answer, in a real browser."""
