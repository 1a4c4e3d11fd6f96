"""What a network computes, told layer by layer: the programs answer as the networks do."""

from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from mnist_core.config.networks import ModelName
from mnist_core.data.mnist import Mnist, normalise
from mnist_core.drawing.rejection import detector
from mnist_core.export.html import program, simulation
from mnist_core.models.inference import infer
from tests.support.networks import varied


@pytest.mark.parametrize(("name", "width"), [*((name, 1.0) for name in get_args(ModelName)), ("deep", 0.24)])
def test_a_program_answers_as_its_network(name: ModelName, width: float, digits: Mnist) -> None:
    network, images = varied(name, width), digits.test.images[:50].numpy()
    expected = infer(network, images).numpy()
    told = program.of_run(name, network, None)
    found = simulation.log_probabilities(told.described, told.weights, images)
    assert np.ptp(expected, 0).min() > 0.1, "the digits get different answers"
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_the_small_network_for_what_is_no_digit(digits: Mnist) -> None:
    images = digits.test.images[:20]
    told = program.describe(list(detector()))
    found = simulation.outputs(told.described, torch.from_numpy(told.weights), normalise(images))
    np.testing.assert_allclose(found.numpy(), infer(detector(), images).numpy(), atol=2e-5)


def test_a_layer_that_the_page_does_not_have_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="no layer for Softplus"):
        program.describe([nn.Softplus()])
