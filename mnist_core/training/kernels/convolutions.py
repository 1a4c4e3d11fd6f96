"""The tutorial network's two convolutions with pooling and ReLU, forward and backward, compiled for this processor.

Nine tenths of an update's time went to them: a library's convolutions are made for many channels, and leave most of a
processor idle with 1, 10 and 20. These (convolution_ir.py) compute what PyTorch's `conv2d`, `max_pool2d` and `relu` and
their backward passes do, to float32's rounding, several times as fast (`python -m benchmarks epoch`). A batch
is cut in blocks of `LANES` digits that stay in the cache; the threads share them out.
"""

import functools
import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import torch
import torch.nn.functional as F
from torch import Tensor

from mnist_core.training.kernels import convolution_ir
from mnist_core.training.kernels.convolution_ir import BLOCK, FEATURES, GRADIENTS, PIXELS, SCRATCH
from mnist_core.training.kernels.ir_builder import LANES, Compiled
from mnist_core.training.kernels.thread_pool import CODE, ThreadPool


class Convolutions:
    """The two convolutions of a `models.Cnn` in training, on so many threads.

    Gradients are summed block by block: to the bit the same with any number of threads.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads  # to compute with from the next call on; the numbers are the same with fewer
        self._pool = ThreadPoolExecutor(1).submit(_pool, threads)  # compiled while others read the digits
        self._blocks = 0

    def wait(self) -> None:
        """Until they are compiled. Raises what the compiler raised."""
        self._pool.result()

    def forward(self, images: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
        """What the linear layers are given, (n, 320), from images (n, 1, 28, 28); keeps what `backward` needs.

        float32; the kernels are w1 (10, 1, 5, 5) and w2 (20, 10, 5, 5), best in `channels_last`.
        """
        blocks = -(-len(images) // LANES)
        if blocks > self._blocks:
            self._blocks, self._kept = blocks, _arrays(BLOCK, blocks)
            self._gradients = torch.empty(blocks, sum(_SIZES))
        self._w2 = w2.contiguous(memory_format=torch.channels_last)
        features = torch.empty(blocks * LANES, FEATURES)
        rows = _whole_blocks(images.view(-1, PIXELS))
        self._ready().parallel_for("forward", blocks, [rows, w1, b1, self._w2, b2, *self._kept, features])
        return features[: len(images)]

    def backward(self, d_features: Tensor) -> list[Tensor]:
        """The gradients of w1, b1, w2 and b2, from the gradient of the last output of `forward`, (n, 320)."""
        blocks = -(-len(d_features) // LANES)
        gradients = self._gradients[:blocks].zero_()
        rows = _whole_blocks(d_features.contiguous())
        self._ready().parallel_for("backward", blocks, [rows, self._w2, *self._kept, gradients])
        parts = gradients.sum(0).split(_SIZES)
        w1, b1, w2, b2 = (part.view(shape) for part, shape in zip(parts, GRADIENTS.values(), strict=True))
        return [w1.permute(0, 3, 1, 2), b1, w2.permute(0, 3, 1, 2), b2]

    def _ready(self) -> ThreadPool:
        pool = self._pool.result()
        pool.in_use = self.threads
        return pool


@functools.cache
def _pool(threads: int) -> ThreadPool:
    """About a third of a second to compile, once a process."""
    scratch = LANES * sum(math.prod(shape) for shape in SCRATCH.values())
    return ThreadPool(Compiled(convolution_ir.code() + CODE), threads, scratch)


_SIZES = [math.prod(shape) for shape in GRADIENTS.values()]


def _arrays(shapes: Mapping[str, tuple[int, ...]], blocks: int = 1) -> list[Tensor]:
    """Uninitialised vectors of those shapes; bytes where a name says `largest`."""
    kinds = [torch.int8 if name.startswith("largest") else torch.float32 for name in shapes]
    return [torch.empty(blocks, *shape, LANES, dtype=kind) for shape, kind in zip(shapes.values(), kinds, strict=True)]


def _whole_blocks(rows: Tensor) -> Tensor:
    """With rows of 0 behind, so that the last block is whole: they add nothing to a gradient."""
    missing = -len(rows) % LANES
    return F.pad(rows, (0, 0, 0, missing)) if missing else rows
