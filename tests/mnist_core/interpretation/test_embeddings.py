"""Features are what enters the last layer; neighbours agree with scikit-learn."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from mnist_core.cli.app import main
from mnist_core.config.networks import ModelName
from mnist_core.data import mnist
from mnist_core.data.mnist import Arrays, Mnist, normalise
from mnist_core.errors import FailedError
from mnist_core.interpretation import embeddings
from mnist_core.models import inference, networks
from mnist_core.models.inference import load_network
from mnist_core.models.networks import REGISTRY, Deep
from mnist_core.runs import store
from mnist_core.runs.run import Run


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads wait for each other where other tests and trainings take the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def last_layer(model: torch.nn.Module) -> torch.nn.Linear:
    return [layer for layer in model.modules() if isinstance(layer, torch.nn.Linear)][-1]


@pytest.mark.parametrize("name", [name for name in REGISTRY if name != "deep"])
def test_the_last_layer_makes_the_answer_of_them(name: ModelName, digits: Mnist) -> None:
    torch.manual_seed(0)
    model, images = networks.build(name).eval(), digits.test.images[:100].numpy()
    found = embeddings.features_of(model, images)
    with torch.inference_mode():
        answer = last_layer(model)(torch.from_numpy(found)).log_softmax(1)
        torch.testing.assert_close(answer, model(normalise(digits.test.images[:100])))


def test_a_network_that_looks_several_times_has_the_mean(digits: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model, images = Deep().eval(), digits.test.images[:20].numpy()
    looks = []
    for view in Deep.VIEWS:
        monkeypatch.setattr(model, "VIEWS", (view,))
        looks.append(embeddings.features_of(model, images))
    monkeypatch.setattr(model, "VIEWS", Deep.VIEWS)
    assert not np.allclose(looks[0], looks[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(embeddings.features_of(model, images), np.mean(looks, axis=0), rtol=1e-4, atol=1e-5)


def test_nearest_are_scikit_learns() -> None:
    points = np.random.default_rng(0).normal(size=(500, 12)).astype(np.float32)
    wanted = points[:7] + 0.1
    distances, indices = NearestNeighbors(n_neighbors=9, algorithm="kd_tree").fit(points).kneighbors(wanted)
    found = embeddings.nearest(points, wanted, 9)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-5)


def test_a_training_digit_is_nearest_to_itself(trained: Run) -> None:
    images = mnist.load_arrays("train").images[[5, 40_000]]
    found = embeddings.nearest(
        embeddings.features(trained, 1, "train"), embeddings.features_of(load_network(trained, 1), images), 3
    )
    assert found.indices.shape == found.distances.shape == (2, 3)
    np.testing.assert_array_equal(found.indices[:, 0], [5, 40_000])
    np.testing.assert_allclose(found.distances[:, 0], 0, atol=1e-4)
    assert (np.diff(found.distances, axis=1) >= 0).all()


def test_kept_features_are_read_not_computed(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = embeddings.features(trained, 1, "test")
    assert computed.shape == (10_000, 50) and computed.dtype == np.float32
    with monkeypatch.context() as patch:
        patch.setattr(inference, "load_network", lambda *_: pytest.fail("nothing is to be computed"))
        np.testing.assert_array_equal(embeddings.features(trained, 1, "test"), computed)

    path = trained.derived(1, "features.test.npy")
    path.write_bytes(path.read_bytes()[:1000])  # damaged
    np.testing.assert_array_equal(embeddings.features(trained, 1, "test"), computed)

    np.save(path, np.zeros_like(computed))  # of weights that have been replaced since
    os.utime(path, (0, 0))
    assert not embeddings.is_computed(trained, 1, "test")
    np.testing.assert_array_equal(embeddings.features(trained, 1, "test"), computed)


def test_without_weights_it_says_so(trained: Run) -> None:
    with pytest.raises(FailedError, match=r"0007\.safetensors is missing"):
        embeddings.features(trained, 7, "test")


def test_the_command_keeps_them_for_the_page(trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert embeddings.ANALYSIS.study(trained, 1).load() is None and not embeddings.is_computed(trained, 1, "train")
    assert main(["features", trained.id]) == 0
    assert (
        capsys.readouterr().out == f"{trained.id} after 1 epoch: 50 features of each of the 60,000 training digits.\n"
    )
    assert embeddings.ANALYSIS.study(trained, 1).load() == 50 and embeddings.is_computed(trained, 1, "train")


def test_the_shipped_run_stays_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = mnist.load_arrays("test").images[:100]
    monkeypatch.setattr(mnist, "load_arrays", lambda split: Arrays(few, few))
    shipped = store.shipped()
    assert shipped is not None
    before = sorted(path.name for path in shipped.path.rglob("*"))
    assert embeddings.features(shipped, shipped.saved_epochs()[-1], "test").shape == (100, 96)
    assert sorted(path.name for path in shipped.path.rglob("*")) == before
    assert list((home / "cache").rglob("*.features.test.npy"))
