"""Prediction: a run's network answers as it did when it was tested."""

import shutil

import numpy as np
import pytest
import torch

from mnist_core.config.train_config import TrainConfig
from mnist_core.data import mnist
from mnist_core.errors import DamagedError, FailedError, RequestError
from mnist_core.evaluation.answers import answers_of
from mnist_core.models.inference import load_network, probabilities
from mnist_core.runs import store
from mnist_core.runs.run import Run


def test_the_answers_are_those_the_trainer_left(trained: Run) -> None:
    digits = mnist.load_arrays("test").images[:1000]
    mine = probabilities(load_network(trained), digits)
    assert (mine.shape, str(mine.dtype)) == ((1000, 10), "float32")
    np.testing.assert_allclose(mine, answers_of(trained).probabilities[:1000], atol=1e-5)
    np.testing.assert_allclose(mine.sum(1), 1, atol=1e-5)


def test_one_digit_is_answered_as_among_many_and_always_the_same(trained: Run) -> None:
    digits = mnist.load_arrays("test").images[:20]
    network = load_network(trained)
    alone = np.concatenate([probabilities(network, digit[None]) for digit in digits])
    np.testing.assert_allclose(alone, probabilities(network, digits), atol=1e-5)
    np.testing.assert_array_equal(probabilities(network, digits), probabilities(network, digits))  # no dropout


def test_answering_leaves_no_trace(trained: Run) -> None:
    network = load_network(trained)
    digits = mnist.load_arrays("test").images[:2].copy()
    digits.flags.writeable = False  # as pictures from Pillow are: torch would warn
    probabilities(network, digits)
    assert all(weight.grad is None for weight in network.parameters())
    assert torch.is_grad_enabled()


def test_no_digits_no_answers(trained: Run) -> None:
    assert probabilities(load_network(trained), np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


def test_another_epoch_is_another_network(trained: Run) -> None:
    digits = mnist.load_arrays("test").images[:100]
    first, last = (probabilities(load_network(trained, epoch), digits) for epoch in (0, 1))
    np.testing.assert_array_equal(last, probabilities(load_network(trained), digits))
    assert np.abs(first - last).max() > 0.1
    np.testing.assert_allclose(first, answers_of(trained, 0).probabilities[:100], atol=1e-5)


def test_a_run_without_weights_is_refused(trained: Run) -> None:
    with pytest.raises(RequestError, match="has no weights yet"):
        load_network(store.create(TrainConfig()))
    shutil.rmtree(trained.path / "epochs")
    with pytest.raises(DamagedError, match=r"0001\.safetensors is missing"):
        load_network(trained)


def test_missing_and_damaged_weights_are_named(trained: Run) -> None:
    with pytest.raises(FailedError, match=r"0007\.safetensors is missing"):
        load_network(trained, 7)
    trained.weights(1).write_bytes(trained.weights(1).read_bytes()[:1000])
    with pytest.raises(FailedError, match=r"0001\.safetensors is damaged"):
        load_network(trained)
