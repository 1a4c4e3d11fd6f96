"""A run's folder as one ZIP file, to give to somebody else, and the way back: every file checked, no code run."""
