"""Which device and how many threads a training computes with."""

import torch

from mnist_core.errors import RequestError


def choose_device(name: str) -> torch.device:
    """The device for a config's name; `auto` takes CUDA, then MPS, then the CPU.

    Raises RequestError when the device is not on this machine.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device, there in available.items() if there)
    if not available[name]:
        there = [device for device, is_there in available.items() if is_there]
        raise RequestError(f"device {name} is not available on this machine; choose auto or {' or '.join(there)}.")
    return torch.device(name)


def default_threads() -> int:
    """Torch's own choice, one thread a physical core; fewer where a container's quota gives this process less time.

    Threads that share one processor's time wait for one another in every step.
    """
    import joblib  # takes a tenth of a second

    return min(_DEFAULT_THREADS, joblib.cpu_count())


_DEFAULT_THREADS = torch.get_num_threads()  # read once: set_num_threads changes what torch answers later
