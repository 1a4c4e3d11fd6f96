"""Everything that leans on what PyTorch does not promise: the file to look at when torch is upgraded.

Each function saves time by a private name, and does the same by the public one where the name is gone or is not what
it was.
"""

import functools
import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

_WRAPPED = "add_param_group", "zero_grad", "state_dict", "load_state_dict"


@functools.cache
def unwrapped(kind: type[torch.optim.Optimizer]) -> Any:
    """The optimizer class without what is wrapped around its methods, or as it is.

    Wrapped around them is what serves torch.compile, which alone takes 1.5 s to import, and torch's profiler, 0.08 ms
    a step.
    """
    if not hasattr(torch.optim.Optimizer, "profile_hook_step") or not hasattr(kind.step, "__wrapped__"):
        return kind
    step = inspect.unwrap(kind.step)
    methods = {name: inspect.unwrap(getattr(kind, name, None)) for name in _WRAPPED}  # type: ignore[arg-type]
    if list(inspect.signature(step).parameters) != ["self", "closure"] or not all(map(callable, methods.values())):
        return kind
    bare: Any = torch.no_grad()(step)
    bare.hooked = True  # the profiler's mark of what it has wrapped already
    return type(kind.__name__, (kind,), methods | {"step": bare})


def lerp_(values: Sequence[Tensor], ends: Sequence[Tensor], share: float) -> None:
    """Move each of `values` by `share` of the way to its end, in place."""
    try:
        together = torch._foreach_lerp_
    except AttributeError:
        for value, end in zip(values, ends, strict=True):
            value.lerp_(end, share)
    else:
        together(list(values), list(ends), share)
