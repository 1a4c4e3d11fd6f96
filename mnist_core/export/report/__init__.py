"""A run, or several, as one HTML file to read, print and give away: it needs no network and runs no code."""
