"""A run for other programs: as files (one module a format, listed in `formats.py`), and sent to a tracker while it
trains (`tracking.py`). Their packages are optional and imported when asked for."""
