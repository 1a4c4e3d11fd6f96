"""Weights in fewer bytes, and back as the page's engine unpacks them (`unpackWeights` in `static/engine/network.js`).

The matrices are numbers of 16 bits (half precision), or the upper 24 of the 32 bits of a float32, or all 32; or of 8
bits: whole numbers from -127 to 127, of which each 32 share a step in half precision. What is one number a channel
stays as it is.
"""

from typing import NamedTuple

import numpy as np

from mnist_core.export.html.program import Program

BITS = (16, 24, 32)  # the first under which no answer changes is taken
BLOCK = 32  # numbers of 8 bits with a common step


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
    if bits == 8:
        return _in_blocks(values)
    if bits == 16:
        with np.errstate(over="ignore"):  # what is too large becomes infinite: other answers, so 24 bits
            return values.astype("<f2").tobytes()
    words = values.astype("<f4").view("<u4")
    if bits == 24:
        words = words + (0x7F + (words >> 8 & 1))  # to the nearest, halves to the even one
    return np.ascontiguousarray(words.view(np.uint8).reshape(-1, 4)[:, 4 - bits // 8 :]).tobytes()


def _in_blocks(values: np.ndarray) -> bytes:
    blocks = np.pad(values, (0, -len(values) % BLOCK)).reshape(-1, BLOCK)
    steps = (np.abs(blocks).max(1, keepdims=True) / 127).astype("<f2")
    whole = np.divide(blocks, steps, out=np.zeros(blocks.shape), where=steps > 0)
    whole = np.round(whole).clip(-127, 127).astype(np.int8)
    content = np.concatenate([steps.view(np.int8), whole], 1).tobytes()
    return content[: _size(len(values), 8)]


def _size(count: int, bits: int) -> int:
    """The bytes that so many numbers take."""
    steps = -(-count // BLOCK) if bits == 8 else 0
    return count * bits // 8 + 2 * steps


def unpack(packed: Packed) -> np.ndarray:
    """The weights that the page computes with: float32 (rounded + exact,)."""
    end = _size(packed.rounded, packed.bits)
    return np.concatenate(
        [_decoded(packed.content[:end], packed.bits), _decoded(packed.content[end:], 32)],
    )


def _decoded(content: bytes, bits: int) -> np.ndarray:
    if bits == 8:
        padded = np.frombuffer(content + bytes(-len(content) % (BLOCK + 2)), np.int8).reshape(-1, BLOCK + 2)
        steps = np.ascontiguousarray(padded[:, :2]).view("<f2").astype(np.float32)
        return (steps * padded[:, 2:]).ravel()[: len(content) - 2 * len(padded)]
    if bits == 16:
        return np.frombuffer(content, "<f2").astype(np.float32)
    upper = np.frombuffer(content, np.uint8).reshape(-1, bits // 8)
    words = np.zeros((len(upper), 4), np.uint8)
    words[:, 4 - bits // 8 :] = upper
    return words.view("<f4").ravel().astype(np.float32)
