"""The test digits as points in a plane: what looks alike to the network lies close together."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.interpretation.embeddings import features, nearest
from mnist_core.runs.analyses import Analysis
from mnist_core.runs.run import Run

# The time grows faster than the number: 2,500 take 15 s of one processor core, which a person waits for.
MOST = 2500
PERPLEXITY = 30
NEIGHBOURS = 5  # by which a digit is placed that the map was not made of


class DigitMap(NamedTuple):
    """Test digits and where they lie."""

    indices: np.ndarray  # int (n,), ascending
    places: np.ndarray  # float (n, 2), in units without a meaning


class Plane(NamedTuple):
    """A plane through a network's features, and how much of their variance lies in it."""

    middle: np.ndarray  # float (d,)
    directions: np.ndarray  # float (d, 2), each of length 1, that of the larger variance first
    share: float  # of the variance, 0 to 1

    def place(self, values: np.ndarray) -> np.ndarray:
        """Where features (n, d) lie in it: (n, 2)."""
        places: np.ndarray = (values - self.middle) @ self.directions
        return places


def principal_plane(values: np.ndarray) -> Plane:
    """The plane of the two directions of largest variance of `values` (n, d)."""
    middle = values.mean(0)
    centred = values - middle
    variances, directions = np.linalg.eigh(centred.T @ centred)  # ascending
    return Plane(middle, directions[:, :-3:-1], float(variances[-2:].sum() / variances.sum()))


def place_by_neighbours(own: np.ndarray, values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Where a digit with features `own` (d,) belongs on a map that gives no rule for new digits: (2,).

    The mean place of the `NEIGHBOURS` digits on it with the nearest features (`values` (n, d), `places` (n, 2)), each
    counted by the inverse of its distance: a digit that is on the map lies at its own place.
    """
    near = nearest(values, own[None], NEIGHBOURS)
    weights = 1 / np.maximum(near.distances[0], 1e-6)
    found: np.ndarray = weights @ places[near.indices[0]] / weights.sum()
    return found


def sample(answers: Answers, most: int = MOST) -> np.ndarray:
    """At most `most` digits, ascending: all mistakes (where more, half of the sample), and others."""
    random = np.random.default_rng(0)
    wrong = np.sort(answers.mistakes)
    if len(wrong) > most // 2:
        wrong = random.choice(wrong, most // 2, replace=False)
    right = np.flatnonzero(answers.predicted == answers.labels)
    kept = random.choice(right, min(most - len(wrong), len(right)), replace=False)
    return np.sort(np.concatenate([wrong, kept]))


def _tsne(run: Run, epoch: int, report: Callable[[float], None]) -> dict[str, Any]:
    """The map by t-SNE (L. van der Maaten, G. Hinton, 2008).

    scikit-learn tells nothing on the way, so `report` hears of the beginning alone.
    """
    from sklearn.manifold import TSNE

    chosen = sample(answers_of(run, epoch))
    values = features(run, epoch, "test")[chosen]
    report(0.1)
    places = TSNE(2, perplexity=PERPLEXITY, init="pca", random_state=0).fit_transform(values)
    return {"indices": chosen.tolist(), "places": places.round(2).tolist()}


def _map(found: dict[str, Any]) -> DigitMap:
    indices, places = np.array(found["indices"], int), np.array(found["places"], float)
    is_there = (indices >= 0) & (indices < TEST_SIZE)
    if places.shape != (len(indices), 2) or not (np.isfinite(places).all() and is_there.all()):
        raise ValueError("no map of test digits")
    return DigitMap(indices, places)


ANALYSIS = Analysis("map", _tsne, _map, {"most": MOST, "perplexity": PERPLEXITY})
