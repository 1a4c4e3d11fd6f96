"""The tutorial network's two convolutions, compiled for this processor: an optional fast path. `gradients_for` is its
one entrance; nothing else imports what is in this folder.

What: convolution, max pooling and ReLU of both stages, forward and backward, written in Python and compiled by LLVM
(llvmlite). The linear layers, dropout and the loss stay PyTorch's, and so does `loss.backward()`.
Why: a library's convolutions are made for many channels; with 1, 10 and 20 they leave most of a processor idle, and
take nine tenths of an update (`python -m benchmarks epoch`).
Equal to: what autograd computes, to float32's rounding; the sums run in another order, so the last bits differ.
Used for: the network `cnn` in float32 on the CPU, on Linux and macOS. Elsewhere, and where llvmlite is missing or
anything here is not as expected, training is plain PyTorch.
To switch it off: the setting `kernels` (`--kernels pytorch`).
"""

import platform
import sys
from typing import TYPE_CHECKING

import torch

from mnist_core.config.train_config import TrainConfig
from mnist_core.models.networks import Cnn

if TYPE_CHECKING:
    from mnist_core.training.kernels.gradients import Gradients

SYSTEMS = ("Linux", "Darwin")  # on Windows nobody has tried
# What is compiled: two 5x5 convolutions, of 1 channel to 10 and of 10 to 20.
SHAPES = {"conv1.weight": (10, 1, 5, 5), "conv1.bias": (10,), "conv2.weight": (20, 10, 5, 5), "conv2.bias": (20,)}


def gradients_for(model: torch.nn.Module, config: TrainConfig, device: torch.device) -> "Gradients | None":
    """What sets the gradients of `model` in place of plain PyTorch, or None where plain PyTorch has to.

    Where it would apply but cannot be used, a line on stderr says why. The compiler works in the background:
    `Gradients.wait` waits for it.
    """
    applies = config.kernels == "auto" and config.precision == "float32" and device.type == "cpu"
    if not (applies and isinstance(model, Cnn) and platform.system() in SYSTEMS):
        return None
    found = {name: (tuple(value.shape), value.dtype) for name, value in model.named_parameters() if name in SHAPES}
    if found != {name: (shape, torch.float32) for name, shape in SHAPES.items()}:
        say_slower("the network's convolutions are not those they are compiled for")
        return None
    try:
        from mnist_core.training.kernels.gradients import Gradients

        return Gradients(model, torch.get_num_threads())
    except Exception as error:  # llvmlite is not there or does not load: on an unknown processor, anything may happen
        say_slower(error)
        return None


def say_slower(why: object) -> None:
    """Tell the training's log that PyTorch's own convolutions are used where compiled ones were expected."""
    kind = f"{type(why).__name__}: " if isinstance(why, BaseException) else ""
    print(f"Training with PyTorch's own convolutions, which is slower: {kind}{why}.", file=sys.stderr, flush=True)
