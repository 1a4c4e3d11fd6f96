"""Weights, activations and maps over the epochs, against the files themselves and against NumPy."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from mnist_core.config.networks import ModelName
from mnist_core.data import mnist
from mnist_core.data.mnist import normalise
from mnist_core.interpretation.embeddings import features_of
from mnist_core.interpretation.over_epochs import activations, maps
from mnist_core.interpretation.over_epochs.weights import (
    MOST_EPOCHS,
    distances,
    epochs_to_show,
    histograms,
    weight_history,
)
from mnist_core.models.inference import load_network
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.networks import varied


def test_the_kernels_are_those_of_the_files(trained: Run) -> None:
    found = weight_history(trained)
    assert (found.epochs, found.is_start_rebuilt) == ([0, 1], False)
    for place, epoch in enumerate(found.epochs):
        saved = load_file(trained.weights(epoch))
        for layer in found.layers:
            assert found.weights[layer.name].shape == (2, *layer.shape)
            assert (found.weights[layer.name][place].ravel() == saved[f"{layer.name}.weight"].ravel()).all()


def test_a_start_that_was_not_saved_is_drawn_again_to_the_bit(trained: Run) -> None:
    saved = weight_history(trained)
    trained.weights(0).unlink()
    rebuilt = weight_history(trained)
    assert (rebuilt.epochs, rebuilt.is_start_rebuilt) == ([0, 1], True)
    for name, weights in saved.weights.items():
        assert (rebuilt.weights[name] == weights).all()


def test_the_shipped_run_has_its_start_too() -> None:
    found = weight_history(store.find("shipped"))
    assert (found.epochs, found.is_start_rebuilt) == ([0, 30], True)


def test_of_many_epochs_some_are_taken_evenly(trained: Run, tmp_path: Path) -> None:
    run = Run(tmp_path / "20261122-000000-cnn-0000")
    (run.path / "epochs").mkdir(parents=True)
    store.write_record(run, trained.record())
    for epoch in range(201):
        run.weights(epoch).touch()
    found = epochs_to_show(run)
    assert (len(found), found[0], found[-1]) == (MOST_EPOCHS, 0, 200)
    assert set(np.diff(found)) == {5, 6}


def test_distances_by_hand_and_by_numpy() -> None:
    weights = np.array([[[3.0, 4.0]], [[3.0, 4.0]], [[6.0, 8.0]], [[0.0, 0.0]]])
    moved, relative = distances(weights)
    assert (moved.tolist(), relative.tolist()) == ([0, 0, 5, 5], [0, 0, 1, 1])
    random = np.random.default_rng(0).normal(size=(3, 4, 2, 5, 5))
    moved, relative = distances(random)
    assert moved[2] == pytest.approx(np.sqrt(((random[2] - random[0]) ** 2).sum()))
    assert relative[2] == pytest.approx(moved[2] / np.sqrt((random[0] ** 2).sum()))


def test_histograms_of_weights_count_every_one() -> None:
    values = np.random.default_rng(0).normal(size=(4, 10, 5, 5)).astype(np.float32)
    found = histograms(values)
    assert found.counts.sum(1).tolist() == [250] * 4
    assert (found.edges[0], found.edges[-1]) == (values.min(), values.max())
    constant = histograms(np.ones((2, 7)))
    assert constant.counts.sum(1).tolist() == [7, 7]


@pytest.mark.parametrize("name", ["cnn", "deep"])
def test_histograms_of_activations_count_every_value(name: ModelName) -> None:
    network, images = varied(name), mnist.load_arrays("test").images[:12]
    found = activations.spread([lambda: network], images, lambda share: None)
    last = list(found.values())[-1]
    assert sum(last["counts"][0]) == 12 * 10
    if name == "cnn":
        with torch.inference_mode():
            answers = network.conv1(normalise(torch.tensor(images))).numpy()  # type: ignore[operator]
        assert sum(found["conv1"]["counts"][0]) == answers.size == 12 * 10 * 24 * 24
        assert found["conv1"]["above_zero"] == [(answers > 0).sum()]
        expected, _ = np.histogram(answers, found["conv1"]["edges"])
        assert np.abs(expected - found["conv1"]["counts"][0]).sum() <= 4  # the edges are rounded


def test_activations_of_a_run_are_kept(trained: Run) -> None:
    found = activations.ANALYSIS.load_or_compute(trained, 1)
    assert found.epochs == [0, 1]
    assert found.values == {"conv1": 500 * 5760, "conv2": 500 * 1280, "fc1": 500 * 50, "fc2": 500 * 10}
    for name, spread in found.layers.items():
        assert spread.counts.sum(1).tolist() == [found.values[name]] * 2


def test_the_maps_share_the_plane_of_the_last_epoch(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "MOST", 300)
    found = maps.ANALYSIS.load_or_compute(trained, 1)
    assert (found.epochs, found.places.shape) == ([0, 1], (2, 300, 2))
    images = mnist.load_arrays("test").images[found.indices]
    for place, epoch in enumerate(found.epochs):
        values = features_of(load_network(trained, epoch), images)
        np.testing.assert_allclose(found.plane.place(values), found.places[place], atol=2e-3)
        saved = np.load(trained.test_log_probabilities(epoch))[found.indices]
        assert (found.predicted[place] == saved.argmax(1)).all()
    assert np.ptp(found.places[1]) > np.ptp(found.places[0]), "training pulls the digits apart"


def test_a_history_without_a_start_begins_with_its_first_epoch(trained: Run) -> None:
    record = trained.record()
    trained.weights(0).unlink()
    store.write_record(
        trained, record.model_copy(update={"parent": "20261122-000000-cnn-0000"})
    )  # whose weights did not come along
    assert weight_history(trained).epochs == [1]
