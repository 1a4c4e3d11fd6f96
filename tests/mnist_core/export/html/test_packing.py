"""Weights in fewer bytes: rounded to the nearest, and only as far as no answer changes."""

import numpy as np
import pytest
import torch
from torch import nn

from mnist_core.data.mnist import Arrays
from mnist_core.evaluation.answers import Answers
from mnist_core.export.html import file, packing, simulation
from mnist_core.export.html.program import Program, describe

RANDOM = np.random.default_rng(4)
WEIGHTS = (RANDOM.normal(size=3000) * 10.0 ** RANDOM.uniform(-4, 2, 3000)).astype(np.float32)


@pytest.mark.parametrize(("bits", "places", "size"), [(16, 11, 2), (24, 16, 3), (32, 24, 4)])
def test_numbers_are_rounded_to_the_nearest(bits: int, places: int, size: int) -> None:
    told = Program({}, WEIGHTS, 2000)
    packed = packing.pack(told, bits)
    assert len(packed.content) == 2000 * size + 1000 * 4
    found = packing.unpack(packed)
    assert (found[2000:] == WEIGHTS[2000:]).all(), "what is one number a channel stays as it is"
    normal = np.abs(WEIGHTS[:2000]) > 1e-4  # half precision has fewer places below
    off = np.abs(found[:2000] - WEIGHTS[:2000])[normal] / np.abs(WEIGHTS[:2000][normal])
    assert off.max() <= 2.0**-places
    assert bits == 32 or off.max() > 2.0 ** -(places + 1), "rounded as far as promised"


def test_numbers_of_eight_bits() -> None:
    told = Program({}, WEIGHTS, 2000)  # the last block is not full
    packed = packing.pack(told, 8)
    assert len(packed.content) == 2000 + 2 * 63 + 1000 * 4
    found = packing.unpack(packed)
    assert (found[2000:] == WEIGHTS[2000:]).all()
    for start in range(0, 2000, packing.BLOCK):
        block = slice(start, min(start + packing.BLOCK, 2000))
        largest = np.abs(WEIGHTS[block]).max()
        assert np.abs(found[block] - WEIGHTS[block]).max() <= largest / 127 * 0.51 + largest * 2.0**-11
    assert packing.unpack(packing.pack(Program({}, np.zeros(40, np.float32), 40), 8)).tolist() == [0.0] * 40


def test_what_lies_in_the_middle_goes_to_the_even_one() -> None:
    halves = np.array([0x3F800080, 0x3F800180, 0x3F800181], np.uint32).view(np.float32)
    found = packing.unpack(packing.pack(Program({}, halves, 3), 24)).view(np.uint32)
    assert found.tolist() == [0x3F800000, 0x3F800200, 0x3F800200]


def answers(told: Program, images: np.ndarray) -> Answers:
    return Answers(simulation.log_probabilities(told.described, told.weights, images), np.zeros(len(images), np.uint8))


@pytest.mark.parametrize(("larger", "bits"), [(1.01, 16), (1.0001, 24), (1.0000005, 32)])
def test_as_few_bits_as_leave_every_answer_alone(larger: float, bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digit 1 is ahead of 0 by so little that half precision makes them equal, and 0 would be the answer."""
    layer = nn.Linear(784, 10)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[:2] = 1.0
        layer.weight[1] = larger
        layer.bias.fill_(-50.0)
        layer.bias[:2] = 0.0
    images = np.full((3, 28, 28), 255, np.uint8)
    monkeypatch.setattr(file, "load_arrays", lambda split: Arrays(images, np.zeros(3, np.uint8)))
    told = describe([layer])
    said = answers(told, images)
    assert (said.predicted == 1).all()
    packed, checked = file.pack_checked(told, said)
    assert (packed.bits, checked.digits, checked.different) == (bits, 3, 0)


def test_too_large_for_half_precision() -> None:
    told = Program({}, np.array([1e6, 1.0], np.float32), 2)
    assert packing.unpack(packing.pack(told, 24)).tolist() == [1e6, 1.0]
    assert np.isinf(packing.unpack(packing.pack(told, 16))[0])
