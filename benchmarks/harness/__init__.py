"""What the benchmarks share: a temporary home, a browser, a table of results with their spread."""
