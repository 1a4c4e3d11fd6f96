"""`tune`: sweeps from the command line."""
