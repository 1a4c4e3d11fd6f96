"""Does a network know how sure it may be? Reliability, calibration error, temperature, and refusing what is doubtful.

After C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern Neural Networks", 2017.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from mnist_core.config.train_config import TRAIN_SIZE
from mnist_core.data.mnist import load_arrays
from mnist_core.errors import RequestError
from mnist_core.evaluation.statistics import Interval, wilson
from mnist_core.runs.analyses import Analysis
from mnist_core.runs.run import Run

BINS = 15  # as in the paper
_HOTTEST = 20.0  # temperatures are looked for between a twentieth and this


class Bin(NamedTuple):
    """The answers whose probability lies above `low`, up to `high`."""

    low: float
    high: float
    n: int
    correct: int
    probability: float  # their mean; 0 where there is none

    @property
    def accuracy(self) -> float:
        """The share that is right, 0 to 1; 0 where there is none."""
        return self.correct / self.n if self.n else 0.0

    @property
    def interval(self) -> Interval:
        """The accuracy's 95 % interval."""
        return wilson(self.correct, self.n)


def bins(probability: np.ndarray, right: np.ndarray, count: int = BINS) -> list[Bin]:
    """Answers sorted into `count` equal bins by their `probability`, 0 to 1 (n,); `right` is bool (n,)."""
    place = np.clip(np.ceil(probability * count).astype(int) - 1, 0, count - 1)
    n, correct, total = (
        np.bincount(place, weights, count) for weights in (None, right.astype(float), probability.astype(float))
    )
    mean = np.divide(total, n, out=np.zeros(count), where=n > 0)
    return [Bin(i / count, (i + 1) / count, int(n[i]), int(correct[i]), float(mean[i])) for i in range(count)]


def expected_calibration_error(found: Sequence[Bin]) -> float:
    """The mean distance of accuracy and probability over the bins, each weighted by its answers: 0 to 1."""
    n = sum(b.n for b in found)
    return sum(b.n * abs(b.accuracy - b.probability) for b in found) / n


def error_by_chance(probability: np.ndarray, count: int = BINS, draws: int = 200) -> float:
    """The calibration error that a perfectly calibrated network with these probabilities stays below 19 times in 20.

    It is never quite 0, for the digits are a sample: here its answers are drawn right as often as it says
    (J. Bröcker, L. Smith, "Increasing the reliability of reliability diagrams", 2007).
    """
    random = np.random.default_rng(0).random((draws, len(probability)), dtype=np.float32)
    drawn = [expected_calibration_error(bins(probability, row < probability, count)) for row in random]
    return float(np.quantile(drawn, 0.95))


def scale(log_probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Log-probabilities (n, 10) made less sure (a temperature above 1) or surer (below 1); the digit stays the same."""
    cooled = log_probabilities.astype(np.float64) / temperature
    return cooled - np.logaddexp.reduce(cooled, axis=1, keepdims=True)


class Fit(NamedTuple):
    """The temperature under which held-out digits are most probable, with its 95 % interval."""

    temperature: float
    low: float
    high: float
    n: int
    loss_before: float
    loss_after: float


def fit_temperature(log_probabilities: np.ndarray, labels: np.ndarray) -> Fit:
    """The maximum-likelihood temperature for (n, 10) log-probabilities and (n,) labels, between 1/20 and 20.

    Its interval holds the temperatures that a likelihood-ratio test does not rule out (Wilks, 1938).
    """
    from scipy.optimize import brentq, minimize_scalar
    from scipy.stats import chi2

    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        return float(-scale(log_probabilities, np.exp(log_temperature))[rows, labels].mean())

    bound = float(np.log(_HOTTEST))
    best = minimize_scalar(loss, bounds=(-bound, bound), method="bounded", options={"xatol": 1e-6})
    allowed = best.fun + chi2.ppf(0.95, 1) / (2 * len(labels))

    def end(side: float) -> float:
        return side if loss(side) <= allowed else brentq(lambda t: loss(t) - allowed, *sorted((best.x, side)))

    low, high = (float(np.exp(end(side))) for side in (-bound, bound))
    return Fit(float(np.exp(best.x)), low, high, len(labels), loss(0.0), float(best.fun))


def _fit_on_validation_digits(run: Run, epoch: int, report: Callable[[float], None]) -> list[float]:
    """On the last of the 60,000, on which the run was not trained (see `Training`)."""
    from mnist_core.data import mnist
    from mnist_core.models.inference import infer, load_network

    images, labels = (part[TRAIN_SIZE - run.record().config.validation_size :] for part in mnist.load().train)
    return list(fit_temperature(infer(load_network(run, epoch), images, 500, report).numpy(), labels.numpy()))


def _fit(found: Any) -> Fit:
    if not (np.isfinite(found).all() and found[0] > 0):
        raise ValueError("no temperature")
    return Fit(*found)


ANALYSIS = Analysis("calibration", _fit_on_validation_digits, _fit)


def fitted(run: Run, epoch: int) -> Fit | None:
    """The fitted temperature, or None where none has been fitted to these weights.

    Raises DamagedError where it is damaged: without it every probability would be another.
    """
    found = ANALYSIS.study(run, epoch).load()
    return None if found is None else _fit(found)


def keep_fit(run: Run, epoch: int, log_probabilities: np.ndarray) -> None:
    """Fit the temperature to the answers, (n, 10), just given to the run's n validation digits, and keep it."""
    labels = load_arrays("train").labels[-len(log_probabilities) :]
    ANALYSIS.study(run, epoch).save(list(fit_temperature(log_probabilities, labels)))


def fit(run: Run, epoch: int, report: Callable[[float], None] = lambda share: None) -> Fit:
    """The temperature fitted on the run's validation digits: the kept one, or else fitted now.

    Neither training nor test digits will do: the network is surer on the first than it may be, and the second choose
    nothing. Raises RequestError where the run held none out, FailedError where its weights are damaged.
    """
    if not run.record().config.validation_size:
        raise RequestError(
            f"{run.id} held out no validation digits, so no temperature can be fitted: "
            "train with --validation-size 5000."
        )
    return ANALYSIS.load_or_compute(run, epoch, report)


class Refusal(NamedTuple):
    """What is left when answers whose probability is below `threshold` are refused."""

    threshold: float
    answered: int
    correct: int  # of those
    n: int

    @property
    def coverage(self) -> float:
        """The share that is answered, 0 to 1."""
        return self.answered / self.n

    @property
    def accuracy(self) -> float | None:
        """The share of the answers that is right, 0 to 1; None where all are refused."""
        return self.correct / self.answered if self.answered else None


def refuse_below(threshold: float, probability: np.ndarray, right: np.ndarray) -> Refusal:
    """Answer only where the `probability` (n,) is at least `threshold`; `right` is bool (n,)."""
    answered = probability >= threshold
    return Refusal(threshold, int(answered.sum()), int((answered & right).sum()), len(right))


def refusal_curve(probability: np.ndarray, right: np.ndarray, points: int = 100) -> list[Refusal]:
    """Refusals from answering all to answering few, at about `points` thresholds that each refuse as many more."""
    places = np.unique(np.linspace(0, len(right) - 1, points + 1).astype(int)[:-1])
    return [refuse_below(threshold, probability, right) for threshold in np.unique(np.sort(probability)[places])]
