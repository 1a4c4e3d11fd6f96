"""Processes by their id and the moment they were started: an id alone may be another process's by now."""

import psutil


def is_running(pid: int, started: float) -> bool:
    """Whether the process that got `pid` at `started` (seconds since the epoch) is still at work."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
