"""One map of test digits for all saved epochs: the same plane and axes, so that the digits can be seen to move."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.data import mnist
from mnist_core.interpretation.embeddings import features_of
from mnist_core.interpretation.over_epochs.weights import epochs_to_show, network_at
from mnist_core.interpretation.projection import Plane, principal_plane
from mnist_core.runs.analyses import Analysis
from mnist_core.runs.run import Run

MOST = 1000  # digits, drawn at random: so many of them are wrong as of all
MOST_EPOCHS = 16


class Maps(NamedTuple):
    """Where some test digits lie after each epoch, in the plane of the last epoch's principal components."""

    epochs: list[int]
    indices: np.ndarray  # int (n,), ascending
    places: np.ndarray  # float (epochs, n, 2)
    predicted: np.ndarray  # int (epochs, n)
    confidence: np.ndarray  # float (epochs, n): the prediction's probability
    plane: Plane


def _compute(run: Run, epoch: int, report: Callable[[float], None]) -> dict[str, Any]:
    from mnist_core.models.inference import probabilities

    epochs = [saved for saved in epochs_to_show(run, MOST_EPOCHS) if saved <= epoch]
    chosen = np.sort(np.random.default_rng(0).choice(TEST_SIZE, MOST, replace=False))
    images = mnist.load_arrays("test").images[chosen]
    values, answers = [], []
    for saved in epochs:
        model = network_at(run, saved)
        values.append(features_of(model, images))
        answers.append(probabilities(model, images))
        report(len(values) / len(epochs))
    plane = principal_plane(values[-1])
    return {
        "epochs": epochs,
        "indices": chosen.tolist(),
        "places": [plane.place(one).round(3).tolist() for one in values],
        "predicted": [one.argmax(1).tolist() for one in answers],
        "confidence": [one.max(1).astype(float).round(4).tolist() for one in answers],
        "plane": [plane.middle.tolist(), plane.directions.tolist(), plane.share],
    }


def _maps(found: dict[str, Any]) -> Maps:
    epochs, indices = [int(epoch) for epoch in found["epochs"]], np.array(found["indices"], int)
    places, predicted = np.array(found["places"], float), np.array(found["predicted"], int)
    confidence = np.array(found["confidence"], float)
    middle, directions, share = found["plane"]
    plane = Plane(np.array(middle, float), np.array(directions, float), float(share))
    shape = (len(epochs), len(indices))
    is_there = ((indices >= 0) & (indices < TEST_SIZE)).all() and np.isfinite(places).all()
    if not is_there or places.shape != (*shape, 2) or not predicted.shape == confidence.shape == shape:
        raise ValueError("no map of test digits for each epoch")
    return Maps(epochs, indices, places, predicted, confidence, plane)


# Asked of the last saved epoch: with more epochs it is another question.
ANALYSIS = Analysis("maps", _compute, _maps, {"most": MOST, "epochs": MOST_EPOCHS})
