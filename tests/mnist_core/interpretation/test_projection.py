"""The map: scikit-learn's own principal components, which digits are taken, and what is drawn."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.interpretation import projection
from mnist_core.interpretation.embeddings import features
from mnist_core.runs.run import Run


def test_principal_components_are_scikit_learns(trained: Run) -> None:
    values = features(trained, 1, "test")
    plane = projection.principal_plane(values)
    places, share = plane.place(values), plane.share
    oracle = PCA(2, svd_solver="full").fit(values)
    assert np.abs(np.abs(places) - np.abs(oracle.transform(values))).max() < 1e-2 * np.abs(places).max()
    assert share == pytest.approx(oracle.explained_variance_ratio_.sum(), rel=1e-3)


def test_a_digit_on_the_map_is_placed_at_its_own_place_and_another_among_its_neighbours() -> None:
    random = np.random.default_rng(0)
    values, places = random.normal(size=(50, 4)).astype(np.float32), random.normal(size=(50, 2))
    np.testing.assert_allclose(projection.place_by_neighbours(values[7], values, places), places[7], atol=1e-3)
    other = values[7] + 0.5
    distances = np.linalg.norm(values - other, axis=1)
    near = np.argsort(distances)[: projection.NEIGHBOURS]
    expected = np.average(places[near], axis=0, weights=1 / distances[near])
    np.testing.assert_allclose(projection.place_by_neighbours(other, values, places), expected, rtol=1e-5)


def test_the_sample_holds_all_mistakes_or_as_many_as_half_of_it() -> None:
    labels = np.arange(1000) % 10
    scores = np.full((1000, 10), -5.0, np.float32)
    scores[np.arange(1000), (labels + (np.arange(1000) < 90)) % 10] = 0
    answers = Answers(scores, labels)
    found = projection.sample(answers, 200)
    assert len(found) == len(set(found)) == 200
    assert set(range(90)) <= set(found.tolist())
    assert np.array_equal(found, projection.sample(answers, 200))
    few = projection.sample(answers, 100)
    assert (len(few), (few < 90).sum()) == (100, 50)


def test_tsne_puts_digits_of_a_kind_together_and_is_kept(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "MOST", 300)
    monkeypatch.setattr(projection.sample, "__defaults__", (300,))
    assert projection.ANALYSIS.load(trained, 1) is None
    found = projection.ANALYSIS.load_or_compute(trained, 1)
    assert len(found.indices) == 300
    read = answers_of(trained, 1).predicted[found.indices]
    distances = np.linalg.norm(found.places[:, None] - found.places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (read[distances.argmin(1)] == read).mean() > 0.7, "the nearest is mostly read as the same digit"
    kept = projection.ANALYSIS.load(trained, 1)
    assert kept is not None
    assert np.array_equal(kept.places, found.places)
