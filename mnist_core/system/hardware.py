"""How fast this machine can compute at best: what a training's speed is held against."""

import platform
import time
from importlib.metadata import version

import psutil

from mnist_core.system.files import home, make_folder, read_json, write_json

_SIDE = 1024


def limit() -> float | None:
    """Floating-point operations a second of float32 matrix products, all cores together; None before it is measured."""
    known = read_json(home() / "machine.json")
    value = known.get(_name()) if isinstance(known, dict) else None
    return value if isinstance(value, float) and value > 0 else None


def measure(seconds: float = 0.15) -> float:
    """Multiply matrices for `seconds` with torch's default threads, and keep the fastest ever found on this machine."""
    import torch

    left, right = torch.rand(2, _SIDE, _SIDE)
    fastest = 0.0
    until = time.perf_counter() + seconds
    while not fastest or time.perf_counter() < until:
        start = time.perf_counter()
        left @ right
        fastest = max(fastest, 2 * _SIDE**3 / (time.perf_counter() - start))
    fastest = max(fastest, limit() or 0.0)
    known = read_json(home() / "machine.json")
    write_json(make_folder(home()) / "machine.json", (known if isinstance(known, dict) else {}) | {_name(): fastest})
    return fastest


class OtherPrograms:
    """How many processors others than this process keep busy."""

    def __init__(self) -> None:
        self._at, self._used = self._sample()

    def busy(self, seconds: float) -> float | None:
        """On average since the last answer; None until so many seconds have passed since."""
        if time.monotonic() - self._at < seconds:
            return None
        at, used = self._sample()
        busy = max(used - self._used, 0.0) / (at - self._at)
        self._at, self._used = at, used
        return busy

    @staticmethod
    def _sample() -> tuple[float, float]:
        """Now, and how long others have computed, all processors together: seconds; also what a host took away."""
        all_of_it, own = psutil.cpu_times(), psutil.Process().cpu_times()
        idle = sum(getattr(all_of_it, name, 0.0) for name in ("idle", "iowait", "guest", "guest_nice"))
        return time.monotonic(), sum(all_of_it) - idle - own.user - own.system


def _name() -> str:
    return f"{platform.node()}, torch {version('torch')}"
