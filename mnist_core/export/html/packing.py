"""Weights in fewer bytes, and back: what the page's engine makes of them (`unpackWeights` in `static/engine/network.js`).

The matrices are numbers of 16 bits (half precision), or the upper 24 of the 32 bits of a float32, or all 32; what is
one number a channel stays as it is.
"""

from typing import NamedTuple

import numpy as np

from mnist_core.export.html.program import Program

BITS = (16, 24, 32)  # the first under which no answer changes is taken


class Packed(NamedTuple):
    """Weights as they lie in the file."""

    content: bytes
    bits: int  # of a number that is rounded
    rounded: int  # numbers of so many bits, first
    exact: int  # numbers of 32 bits, after them


def pack(program: Program, bits: int) -> Packed:
    """The program's weights, its matrices rounded to `bits` bits."""
    matrices, vectors = program.weights[: program.rounded], program.weights[program.rounded :]
    return Packed(_encoded(matrices, bits) + _encoded(vectors, 32), bits, len(matrices), len(vectors))


def _encoded(values: np.ndarray, bits: int) -> bytes:
    if bits == 16:
        with np.errstate(over="ignore"):  # too large becomes infinite, no answer is then the same, and 24 bits are taken
            return values.astype("<f2").tobytes()
    words = values.astype("<f4").view("<u4")
    if bits == 24:
        words = words + (0x7F + (words >> 8 & 1))  # to the nearest, halves to the even one
    return np.ascontiguousarray(words.view(np.uint8).reshape(-1, 4)[:, 4 - bits // 8 :]).tobytes()


def unpack(packed: Packed) -> np.ndarray:
    """The weights that the page computes with: float32 (rounded + exact,)."""
    end = packed.rounded * packed.bits // 8
    return np.concatenate(
        [_decoded(packed.content[:end], packed.bits), _decoded(packed.content[end:], 32)],
    )


def _decoded(content: bytes, bits: int) -> np.ndarray:
    if bits == 16:
        return np.frombuffer(content, "<f2").astype(np.float32)
    upper = np.frombuffer(content, np.uint8).reshape(-1, bits // 8)
    words = np.zeros((len(upper), 4), np.uint8)
    words[:, 4 - bits // 8 :] = upper
    return words.view("<f4").ravel().astype(np.float32)
