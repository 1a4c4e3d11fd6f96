"""A training sent to a tracker while it runs (`--log-to`), by a process of its own that follows the run's files. Their
packages are optional and imported when asked for."""
