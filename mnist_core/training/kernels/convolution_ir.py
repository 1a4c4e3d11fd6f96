"""The functions that convolutions.py calls, as they are compiled: the tutorial network's two convolutions.

A vector holds the same pixel of `LANES` digits, so that every operation is the same for all its lanes, as in
A. Krizhevsky's cuda-convnet; sums stay in registers while taps and channels are added up, and each number that is read
serves several of them.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from llvmlite import ir

from mnist_core.training.kernels.ir_builder import (
    BYTES,
    FLOAT,
    INT64,
    LANES,
    REGISTERS,
    VECTOR,
    ZERO,
    Array,
    Function,
    Index,
)

Vectors = list[Any]  # llvmlite's values
KERNEL = 5  # taps a side
TAPS = [(y, x) for y in range(KERNEL) for x in range(KERNEL)]
WINDOW = [(y, x) for y in range(2) for x in range(2)]  # what is pooled
AT_ONCE = 5 if REGISTERS == 32 else 2  # channels whose sums are in registers together; divides 10 and 20


class Layer:
    """A convolution of `inputs` channels of `size` x `size` to `outputs`, max pooling by 2 and ReLU, compiled.

    Arrays of vectors: x (inputs, size, size), h (outputs, pooled, pooled), largest (the same, bytes: which of the
    window's four was the largest); of floats: weight (outputs, 5, 5, inputs), which is channels_last, bias (outputs,).
    """

    def __init__(self, module: ir.Module, name: str, inputs: int, size: int, outputs: int) -> None:
        self.module, self.name = module, name
        self.inputs, self.size, self.outputs = inputs, size, outputs
        self.convolved = size - KERNEL + 1
        self.pooled = self.convolved // 2
        self.forward = self._forward()
        self.unpool = self._unpool()
        self.weight_gradient = self._weight_gradient()

    def _shapes(self, code: Function) -> dict[str, Array]:
        shapes = {
            "x": (self.inputs, self.size, self.size),
            "weight": (self.outputs, KERNEL, KERNEL, self.inputs),
            "bias": (self.outputs,),
            "h": (self.outputs, self.pooled, self.pooled),
            "largest": (self.outputs, self.pooled, self.pooled),
            "d_a": (self.outputs, self.convolved, self.convolved),
        }
        shapes |= {"d_x": shapes["x"], "d_h": shapes["h"], "d_weight": shapes["weight"], "d_bias": shapes["bias"]}
        return {name: code.array(name, *shapes[name]) for name in code.arguments}

    def _forward(self) -> Function:
        """h and largest from x: the four convolutions of a pooling window at once, of which one is kept."""
        code = Function(
            self.module, f"{self.name}_forward", x=VECTOR, weight=FLOAT, bias=FLOAT, h=VECTOR, largest=BYTES
        )
        build, a = code.builder, self._shapes(code)
        with code.loop(self.outputs // AT_ONCE) as group, code.loop(self.pooled) as py, code.loop(self.pooled) as px:

            def add(channel: Index, sums: Vectors) -> Vectors:
                for y, x in TAPS:
                    pixels = [code.load(a["x"], channel, py * 2 + (y + dy), px * 2 + (x + dx)) for dy, dx in WINDOW]
                    for o in range(AT_ONCE):
                        weight = code.in_all_lanes(code.load(a["weight"], group * AT_ONCE + o, y, x, channel))
                        for i, pixel in enumerate(pixels, 4 * o):
                            sums[i] = code.multiply_add(weight, pixel, sums[i])
                return sums

            sums = code.total(self.inputs, 4 * AT_ONCE, add)
            for o in range(AT_ONCE):
                best, where = sums[4 * o], code.bytes_of(0)
                for i, other in enumerate(sums[4 * o + 1 : 4 * o + 4], 1):
                    # As PyTorch: the first of equals, and what is not a number wins, so that it is seen.
                    wins = build.or_(build.fcmp_ordered(">", other, best), build.fcmp_unordered("uno", other, other))
                    best, where = build.select(wins, other, best), build.select(wins, code.bytes_of(i), where)
                channel = group * AT_ONCE + o
                best = build.fadd(best, code.in_all_lanes(code.load(a["bias"], channel)))
                best = build.select(build.fcmp_ordered("<", best, ZERO), ZERO, best)
                code.store(best, a["h"], channel, py, px)
                code.store(where, a["largest"], channel, py, px)
        code.end()
        return code

    def _unpool(self) -> Function:
        """d_a from d_h, 0 where ReLU gave 0 and where another of the window was larger; adds to d_bias."""
        code = Function(
            self.module, f"{self.name}_unpool", d_h=VECTOR, h=VECTOR, largest=BYTES, d_a=VECTOR, d_bias=FLOAT
        )
        build, a = code.builder, self._shapes(code)
        with code.loop(self.outputs) as channel:

            def add(py: Index, sums: Vectors) -> Vectors:
                for px in range(self.pooled):
                    at = channel, py, px
                    dead = build.fcmp_ordered("<=", code.load(a["h"], *at), ZERO)
                    gradient = build.select(dead, ZERO, code.load(a["d_h"], *at))
                    where = code.load(a["largest"], *at)
                    for i, (dy, dx) in enumerate(WINDOW):
                        kept = build.select(build.icmp_signed("==", where, code.bytes_of(i)), gradient, ZERO)
                        code.store(kept, a["d_a"], channel, py * 2 + dy, px * 2 + dx)
                    sums = [build.fadd(sums[0], gradient)]
                return sums

            self._add_sums(code, code.total(self.pooled, 1, add), a["d_bias"], [(channel,)])
        code.end()
        return code

    def _weight_gradient(self) -> Function:
        """Adds to d_weight, from d_a and x: a row of taps of several output channels at once."""
        code = Function(self.module, f"{self.name}_weight_gradient", d_a=VECTOR, x=VECTOR, d_weight=FLOAT)
        a = self._shapes(code)
        with code.loop(self.outputs // AT_ONCE) as group, code.loop(self.inputs) as channel, code.loop(KERNEL) as tap:

            def add(y: Index, sums: Vectors) -> Vectors:
                row = [code.load(a["x"], channel, y + tap, x) for x in range(KERNEL - 1)]
                for x in range(self.convolved):
                    row.append(code.load(a["x"], channel, y + tap, x + KERNEL - 1))
                    for o in range(AT_ONCE):
                        gradient = code.load(a["d_a"], group * AT_ONCE + o, y, x)
                        for i in range(KERNEL):
                            at = KERNEL * o + i
                            sums[at] = code.multiply_add(gradient, row[x + i], sums[at])
                return sums

            sums = code.total(self.convolved, KERNEL * AT_ONCE, add)
            places: list[Sequence[Index | int]] = [
                (group * AT_ONCE + o, tap, i, channel) for o in range(AT_ONCE) for i in range(KERNEL)
            ]
            self._add_sums(code, sums, a["d_weight"], places)
        code.end()
        return code

    def input_gradient(self) -> Function:
        """d_x from d_a and weight: each place of d_a adds to the 5 x 5 places that it was computed from."""
        code = Function(self.module, f"{self.name}_input_gradient", d_a=VECTOR, weight=FLOAT, d_x=VECTOR)
        a = self._shapes(code)
        with code.loop(self.inputs) as channel, code.loop(self.size) as y, code.loop(self.size) as x:
            code.store(ZERO, a["d_x"], channel, y, x)
        with (
            code.loop(self.convolved) as y,
            code.loop(self.convolved) as x,
            code.loop(self.inputs // AT_ONCE) as group,
            code.loop(KERNEL) as tap,
        ):

            def add(output: Index, sums: Vectors) -> Vectors:
                gradient = code.load(a["d_a"], output, y, x)
                for i in range(AT_ONCE):
                    for j in range(KERNEL):
                        weight = code.in_all_lanes(code.load(a["weight"], output, tap, j, group * AT_ONCE + i))
                        at = KERNEL * i + j
                        sums[at] = code.multiply_add(weight, gradient, sums[at])
                return sums

            for i, one in enumerate(code.total(self.outputs, KERNEL * AT_ONCE, add)):
                at = group * AT_ONCE + i // KERNEL, y + tap, x + i % KERNEL
                code.store(code.builder.fadd(code.load(a["d_x"], *at), one), a["d_x"], *at)
        code.end()
        return code

    @staticmethod
    def _add_sums(code: Function, sums: Vectors, array: Array, places: list[Sequence[Index | int]]) -> None:
        for one, at in zip(sums, places, strict=True):
            code.store(code.builder.fadd(code.load(array, *at), code.over_lanes(one)), array, *at)


PIXELS, FEATURES = 28 * 28, 20 * 4 * 4
BLOCK = {  # what is kept of a block of LANES digits, as vectors
    "x": (1, 28, 28), "h1": (10, 12, 12), "largest1": (10, 12, 12), "h2": (20, 4, 4), "largest2": (20, 4, 4),
}  # fmt: skip
SCRATCH = {"d_h2": (20, 4, 4), "d_a2": (20, 8, 8), "d_h1": (10, 12, 12), "d_a1": (10, 24, 24)}  # and a thread's own
GRADIENTS = {"d_w1": (10, 5, 5, 1), "d_b1": (10,), "d_w2": (20, 5, 5, 10), "d_b2": (20,)}  # the kernels channels_last
_KEPT = {name: BYTES if name.startswith("largest") else VECTOR for name in BLOCK}
FORWARD = dict.fromkeys(("images", "w1", "b1", "w2", "b2"), FLOAT) | _KEPT | {"features": FLOAT}
BACKWARD = dict.fromkeys(("d_features", "w2"), FLOAT) | _KEPT | {"gradients": FLOAT}


def code() -> str:
    """The functions `forward` and `backward`, each for a block of a batch, as a `ThreadPool` calls them."""
    module = ir.Module()
    first, second = Layer(module, "first", 1, 28, 10), Layer(module, "second", 10, 12, 20)
    job: dict[str, Any] = {"addresses": INT64, "block": None, "scratch": VECTOR}

    code = Function(module, "forward", **job)
    code.listed("addresses", FORWARD)
    block = code.number("block")
    x, h1, largest1, h2, largest2 = (code.part(name, block, BLOCK[name]) for name in BLOCK)
    w1, b1, w2, b2 = (code.arguments[name] for name in ("w1", "b1", "w2", "b2"))
    _digit_to_lane(code, code.array("images", 0, LANES, PIXELS), block, x)
    code.call(first.forward, x, w1, b1, h1, largest1)
    code.call(second.forward, h1, w2, b2, h2, largest2)
    _lane_to_digit(code, h2, code.array("features", 0, LANES, FEATURES), block)
    code.end()

    code = Function(module, "backward", **job)
    code.listed("addresses", BACKWARD)
    block = code.number("block")
    x, h1, largest1, h2, largest2 = (code.part(name, block, BLOCK[name]) for name in BLOCK)
    d_h2, d_a2, d_h1, d_a1 = _one_after_another(code, code.arguments["scratch"], SCRATCH)
    row = code.part("gradients", block, (sum(math.prod(shape) for shape in GRADIENTS.values()),))
    d_w1, d_b1, d_w2, d_b2 = _one_after_another(code, row, GRADIENTS)
    _digit_to_lane(code, code.array("d_features", 0, LANES, FEATURES), block, d_h2)
    code.call(second.unpool, d_h2, h2, largest2, d_a2, d_b2)
    code.call(second.weight_gradient, d_a2, h1, d_w2)
    code.call(second.input_gradient(), d_a2, code.arguments["w2"], d_h1)
    code.call(first.unpool, d_h1, h1, largest1, d_a1, d_b1)
    code.call(first.weight_gradient, d_a1, x, d_w1)
    code.end()
    return str(module)


def _one_after_another(code: Function, start: Any, shapes: Mapping[str, tuple[int, ...]]) -> list[Any]:
    """Where each of the arrays begins."""
    ends = itertools.accumulate((math.prod(shape) for shape in shapes.values()), initial=0)
    return [code.address(Array(start, (1,)), end) for end in list(ends)[:-1]]


def _digit_to_lane(code: Function, rows: Array, block: Index, vectors: Any) -> None:
    """From a block's rows, one a digit, to vectors, one a column."""
    with code.loop(rows.shape[-1]) as column:
        numbers = [code.load(rows, block, lane, column) for lane in range(LANES)]
        code.store(code.from_lanes(numbers), Array(vectors, rows.shape[-1:]), column)


def _lane_to_digit(code: Function, vectors: Any, rows: Array, block: Index) -> None:
    """The way back."""
    with code.loop(rows.shape[-1]) as column:
        vector = code.load(Array(vectors, rows.shape[-1:]), column)
        for lane in range(LANES):
            code.store(code.lane(vector, lane), rows, block, lane, column)
