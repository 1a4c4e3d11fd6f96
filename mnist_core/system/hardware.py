"""How fast this machine can compute at best: what a training's speed is held against."""

import platform
import time
from importlib.metadata import version

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


def _name() -> str:
    return f"{platform.node()}, torch {version('torch')}"
