"""From log-probabilities to what a person is told: accuracy with its interval, confusion matrix, mistakes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from mnist_core.data import mnist
from mnist_core.drawing.collection import Drawing, arrays, every
from mnist_core.evaluation.confident_learning import label_issues
from mnist_core.runs.run import Run, answering_epoch

MistakeOrder = Literal["loss", "surest", "doubtful", "narrowest", "widest", "index"]
Range = tuple[float, float]  # both ends belong to it
ANY: Range = (0.0, 1.0)


@dataclass(frozen=True)
class Answers:
    """What a network said to `n` digits with known labels.

    `log_probabilities` is float32 (n, 10), `labels` (n,) with values 0 to 9.
    """

    log_probabilities: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def predicted(self) -> np.ndarray:
        """The most probable digit of each, (n,)."""
        return self.log_probabilities.argmax(1)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """(n, 10), each row sums to 1."""
        return np.exp(self.log_probabilities)

    @cached_property
    def confidence(self) -> np.ndarray:
        """The predicted digit's probability, (n,)."""
        return self.probabilities.max(1)

    @cached_property
    def margin(self) -> np.ndarray:
        """How far the predicted digit's probability is above the next one's, (n,), 0 to 1."""
        return self.confidence - np.partition(self.probabilities, -2, axis=1)[:, -2]

    @cached_property
    def losses(self) -> np.ndarray:
        """Each digit's negative log-likelihood, (n,), in nats."""
        return -self.log_probabilities[np.arange(len(self)), self.labels]

    @property
    def loss(self) -> float:
        """The mean loss."""
        return float(self.losses.mean())

    @property
    def correct(self) -> int:
        """How many are right."""
        return int((self.predicted == self.labels).sum())

    @property
    def accuracy(self) -> float:
        """The share that is right, 0 to 1."""
        return self.correct / len(self)

    @cached_property
    def mistakes(self) -> np.ndarray:
        """Indices of the misclassified digits, the largest loss first."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        return wrong[np.argsort(-self.losses[wrong], kind="stable")]

    def mistakes_where(
        self,
        true: int | None = None,
        predicted: int | None = None,
        order: MistakeOrder = "loss",
        *,
        confidence: Range = ANY,
        margin: Range = ANY,
    ) -> np.ndarray:
        """Indices of the misclassified digits of this true and this predicted digit (None: any), in `order`.

        `confidence` and `margin` say between what they are to lie. `loss`, `surest` and `widest` put the largest loss,
        probability of the predicted digit and margin first, `doubtful` and `narrowest` the smallest; equals stand by
        index.
        """
        found = np.sort(self.mistakes)
        if true is not None:
            found = found[self.labels[found] == true]
        if predicted is not None:
            found = found[self.predicted[found] == predicted]
        for values, (low, high) in ((self.confidence, confidence), (self.margin, margin)):
            if (low, high) != ANY:
                found = found[(values[found] >= low) & (values[found] <= high)]
        if order == "index":
            return found
        keys = {
            "loss": (self.losses, -1),
            "surest": (self.confidence, -1),
            "doubtful": (self.confidence, 1),
            "narrowest": (self.margin, 1),
            "widest": (self.margin, -1),
        }
        values, sign = keys[order]
        return found[np.argsort(sign * values[found], kind="stable")]

    @cached_property
    def confusion(self) -> np.ndarray:
        """Counts (10, 10): rows the true digit, columns the predicted one."""
        return np.bincount(self.labels.astype(int) * 10 + self.predicted, minlength=100).reshape(10, 10)

    @cached_property
    def doubted_labels(self) -> np.ndarray:
        """Indices of the digits whose label these answers speak against (see `confident_learning.py`)."""
        return label_issues(self.probabilities, self.labels)


def answers_of(run: Run, epoch: int | None = None, recompute: bool = False) -> Answers:
    """What `run` says to the 10,000 test digits after `epoch` epochs (default: its last saved one).

    The trainer leaves these answers beside the weights, so that reading them needs no torch; where they are missing
    or damaged, and when `recompute` asks for it, they are computed from the weights.

    Raises RequestError when the run has no weights of that epoch, FailedError when they are damaged.
    """
    epoch = answering_epoch(run) if epoch is None else epoch
    log_probabilities = None if recompute else run.saved_answers(epoch)
    if log_probabilities is None:
        from mnist_core.models import checkpoint, inference, networks

        record = run.record()
        model = networks.build_for(record.config)
        checkpoint.load_weights(run.weights(epoch), model)
        test = inference.evaluate(model, mnist.load().test, record.config.test_batch_size)
        log_probabilities = test.log_probabilities.numpy()
    return Answers(log_probabilities, mnist.load_arrays("test").labels)


def score(run: Run, epoch: int | None = None, drawings: Sequence[Drawing] | None = None) -> tuple[int, int]:
    """How many drawings (default: all) `run` reads rightly after `epoch` epochs (default: the last), of how many."""
    known = every() if drawings is None else drawings
    if not known:
        return 0, 0
    from mnist_core.models.inference import load_network, probabilities

    images, labels = arrays(known)
    return int((probabilities(load_network(run, epoch), images).argmax(1) == labels).sum()), len(labels)
