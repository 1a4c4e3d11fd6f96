"""Calibration against scikit-learn's curve, hand counts, a known temperature, and answers known to be calibrated."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.calibration import calibration_curve

from mnist_core.data import mnist
from mnist_core.errors import RequestError
from mnist_core.evaluation import calibration
from mnist_core.evaluation.statistics import wilson
from mnist_core.models.inference import load_network, probabilities
from mnist_core.runs.run import Run
from mnist_core.runs.store import find, write_record
from tests.conftest import command_line

N = 20_000


def test_bins_are_those_of_scikit_learn(sure: tuple[np.ndarray, np.ndarray]) -> None:
    probability, right = sure
    full = [b for b in calibration.bins(probability, right) if b.n]
    accuracy, mean = calibration_curve(right, probability, n_bins=15, strategy="uniform")
    assert [b.accuracy for b in full] == pytest.approx(accuracy.tolist())
    assert [b.probability for b in full] == pytest.approx(mean.tolist())
    assert sum(b.n for b in full) == N
    assert full[3].interval == wilson(full[3].correct, full[3].n)


def test_error_is_that_of_a_hand_count() -> None:
    """Two bins: three answers at 0.9, two right; one at 0.4, right: (3 |2/3 - 0.9| + 1 |1 - 0.4|) / 4."""
    found = calibration.bins(np.array([0.9, 0.9, 0.9, 0.4]), np.array([True, True, False, True]), 2)
    assert [(b.n, b.correct) for b in found] == [(1, 1), (3, 2)]
    assert calibration.expected_calibration_error(found) == pytest.approx((0.7 + 0.6) / 4)


def test_edges_belong_to_the_bin_below_and_one_is_no_bin_of_its_own() -> None:
    found = calibration.bins(np.array([0.0, 0.2, 0.2001, 1.0, 1.0000001]), np.ones(5, bool), 5)
    assert [b.n for b in found] == [2, 1, 0, 0, 2]


def test_a_calibrated_networks_error_is_what_chance_allows(sure: tuple[np.ndarray, np.ndarray]) -> None:
    probability, right = sure
    allowed = calibration.error_by_chance(probability)
    assert 0 < calibration.expected_calibration_error(calibration.bins(probability, right)) <= allowed < 0.02
    too_sure = np.minimum(probability + 0.1, 1)
    assert calibration.expected_calibration_error(calibration.bins(too_sure, right)) > 2 * allowed


def drawn(temperature: float, n: int = N) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of a network whose labels are drawn at `temperature`."""
    random = np.random.default_rng(5)
    scores = calibration.scale(random.normal(0, 3, (n, 10)), 1)
    chances = np.exp(calibration.scale(scores, temperature))
    labels = (chances.cumsum(1) < random.random((n, 1))).sum(1).clip(0, 9)
    return scores, labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_found_and_is_scipys(temperature: float) -> None:
    scores, labels = drawn(temperature)
    fit = calibration.fit_temperature(scores, labels)
    assert fit.low < temperature < fit.high
    assert fit.temperature == pytest.approx(temperature, rel=0.05)

    def loss(t: np.ndarray) -> float:
        odds = scores / t[0]
        return float((np.log(np.exp(odds).sum(1)) - odds[np.arange(N), labels]).mean())

    oracle = minimize(loss, [1.0], method="Nelder-Mead")
    assert fit.temperature == pytest.approx(oracle.x[0], rel=1e-3)
    assert fit.loss_after == pytest.approx(oracle.fun, abs=1e-7)
    assert fit.loss_before == pytest.approx(loss(np.array([1.0])))


def test_scaling_keeps_the_digit_and_sums_to_one() -> None:
    scores, _ = drawn(1.0, 50)
    scaled = calibration.scale(scores, 3.0)
    assert np.array_equal(scaled.argmax(1), scores.argmax(1))
    assert np.exp(scaled).sum(1) == pytest.approx(np.ones(50))
    assert (scaled.max(1) < scores.max(1)).all()
    assert calibration.scale(scores, 1.0) == pytest.approx(scores)


def test_where_all_is_right_the_temperature_stays_in_bounds() -> None:
    scores, _ = drawn(1.0, 50)
    fit = calibration.fit_temperature(scores, scores.argmax(1))
    assert 0.05 <= fit.low <= fit.temperature <= fit.high < 1


def test_refusing_is_counted_by_hand(sure: tuple[np.ndarray, np.ndarray]) -> None:
    probability, right = np.array([0.3, 0.5, 0.9, 0.95]), np.array([False, True, False, True])
    refusal = calibration.refuse_below(0.5, probability, right)
    assert (refusal.answered, refusal.correct, refusal.coverage) == (3, 2, 0.75)
    assert refusal.accuracy == pytest.approx(2 / 3)
    assert calibration.refuse_below(0.99, probability, right).accuracy is None
    curve = calibration.refusal_curve(*sure)
    assert curve[0].answered == N
    assert [p.coverage for p in curve] == pytest.approx(np.linspace(1, 0.01, 100).tolist(), abs=0.001)


def test_the_temperature_is_fitted_on_the_digits_held_out(trained: Run) -> None:
    """A record that says 1,000 were held out: asked are the last 1,000 of the 60,000, as `Training` holds them out."""
    with pytest.raises(RequestError, match="held out no validation digits"):
        calibration.fit(trained, 1)
    record = trained.record()
    write_record(trained, record.model_copy(update={"config": record.config.replace(validation_size=1000)}))
    home = trained.path.parent.parent
    done = command_line("calibration", trained.id, "--json", home=home)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    train = mnist.load_arrays("train")
    asked = np.log(probabilities(load_network(trained, 1), train.images[-1000:]))
    oracle = calibration.fit_temperature(asked, train.labels[-1000:])
    assert found["temperature"]["temperature"] == pytest.approx(oracle.temperature, rel=1e-3)
    assert found["temperature"]["n"] == 1000
    kept = calibration.fitted(trained, 1)
    assert kept is not None
    assert kept.temperature == found["temperature"]["temperature"]


def test_a_training_with_validation_digits_leaves_its_temperature(home: Path) -> None:
    settings = ["--epochs", "1", "--digits-per-class", "30", "--validation-size", "500", "--threads", "1", "--json"]
    done = command_line("train", *settings, home=home)
    assert done.returncode == 0, done.stderr
    run = find("latest")
    kept = calibration.fitted(run, 1)
    assert kept is not None
    asked = np.log(probabilities(load_network(run, 1), mnist.load_arrays("train").images[-500:]))
    oracle = calibration.fit_temperature(asked, mnist.load_arrays("train").labels[-500:])
    assert kept.temperature == pytest.approx(oracle.temperature, rel=1e-3)
    assert kept.n == 500
