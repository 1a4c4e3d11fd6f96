"""A run for other programs: as files (one module or folder a format, listed in `formats.py`), and sent to a tracker
while it trains (`trackers/`). Optional packages are imported when asked for."""
