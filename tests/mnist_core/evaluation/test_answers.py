"""Numbers against scikit-learn, SciPy, and a case counted by hand."""

import math
import shutil

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

from mnist_core.config.train_config import TrainConfig
from mnist_core.data import mnist
from mnist_core.errors import DamagedError, FailedError, RequestError
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.evaluation.statistics import accuracy_sentence, wilson
from mnist_core.runs import store
from mnist_core.runs.run import Run, last_epoch


def answers(rows: list[list[float]], labels: list[int]) -> Answers:
    """Answers from probabilities of the first digits; the rest share what is left."""
    probabilities = np.full((len(rows), 10), 1e-9)
    probabilities[:, : len(rows[0])] = rows
    return Answers(np.log(probabilities).astype(np.float32), np.array(labels, np.uint8))


@pytest.fixture
def random_answers() -> Answers:
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.full(10, 0.3), 500)
    return Answers(np.log(probabilities + 1e-12).astype(np.float32), generator.integers(0, 10, 500).astype(np.uint8))


def test_three_by_three_counted_by_hand() -> None:
    said = answers(
        [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.6, 0.1], [0.2, 0.2, 0.6], [0.5, 0.1, 0.4], [0.1, 0.0001, 0.8999]],
        [0, 0, 1, 2, 2, 1],
    )
    assert said.confusion[:3, :3].tolist() == [[1, 1, 0], [0, 1, 1], [1, 0, 1]]  # rows the true digit
    assert said.confusion.sum() == 6
    assert said.correct == 3
    assert said.accuracy == 0.5
    # Wrong are 1 (0.1 for the truth), 4 (0.4) and 5 (0.0001): the largest loss first.
    assert said.mistakes.tolist() == [5, 1, 4]
    assert said.losses[[5, 1, 4]] == pytest.approx([-math.log(0.0001), -math.log(0.1), -math.log(0.4)], rel=1e-5)
    assert said.confidence == pytest.approx([0.7, 0.8, 0.6, 0.6, 0.5, 0.8999], rel=1e-5)


def test_equals_sklearn(random_answers: Answers) -> None:
    said = random_answers
    truth, predicted = said.labels, said.probabilities.argmax(1)
    np.testing.assert_array_equal(said.confusion, confusion_matrix(truth, predicted, labels=range(10)))
    assert said.accuracy == accuracy_score(truth, predicted)
    probabilities = np.exp(said.log_probabilities.astype(float))
    oracle = log_loss(truth, probabilities / probabilities.sum(1, keepdims=True), labels=range(10))
    assert said.loss == pytest.approx(oracle, rel=1e-5)


def test_mistakes_are_all_and_only_the_wrong_ones(random_answers: Answers) -> None:
    said = random_answers
    assert len(said.mistakes) == len(said) - said.correct == said.confusion.sum() - np.trace(said.confusion)
    assert (said.predicted[said.mistakes] != said.labels[said.mistakes]).all()
    assert (np.diff(said.losses[said.mistakes]) <= 0).all()


def test_all_right_and_all_wrong() -> None:
    right = answers([[0.9, 0.1], [0.2, 0.8]], [0, 1])
    assert (right.accuracy, right.mistakes.tolist()) == (1.0, [])
    assert answers([[0.9, 0.1], [0.2, 0.8]], [1, 0]).accuracy == 0


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (9690, 10_000), (10_000, 10_000)])
def test_wilson_is_that_of_scipy(successes: int, n: int) -> None:
    oracle = binomtest(successes, n).proportion_ci(0.95, method="wilson")
    found = wilson(successes, n)
    assert found.low == pytest.approx(oracle.low, abs=1e-12)
    assert found.high == pytest.approx(oracle.high, abs=1e-12)
    assert found.low <= successes / n <= found.high


def test_accuracy_sentence_carries_its_n() -> None:
    assert accuracy_sentence(9690, 10_000) == "96.9 % (10,000 test digits, 95 % interval 96.5 to 97.2)"
    assert accuracy_sentence(50, 50, "digits") == "100.0 % (50 digits, 95 % interval 92.9 to 100.0)"


def test_saved_answers_are_what_the_weights_say(trained: Run) -> None:
    saved, computed = answers_of(trained), answers_of(trained, recompute=True)
    np.testing.assert_allclose(saved.log_probabilities, computed.log_probabilities, rtol=1e-4, atol=1e-4)
    status = trained.status()
    assert saved.accuracy == status.test_accuracy
    assert saved.loss == pytest.approx(status.test_loss, rel=1e-5)
    np.testing.assert_array_equal(saved.labels, mnist.load_arrays("test").labels)


@pytest.mark.parametrize("damage", ["missing", "truncated", "other shape"])
def test_damaged_answers_are_computed_again(trained: Run, damage: str) -> None:
    path = trained.test_log_probabilities(1)
    before = answers_of(trained)
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:1000])
    else:
        np.save(path, np.zeros((3, 10), np.float32))
    assert answers_of(trained).accuracy == before.accuracy


def test_before_the_first_step_it_knows_nothing(trained: Run) -> None:
    assert trained.saved_epochs() == [0, 1]
    assert last_epoch(trained) == 1
    assert answers_of(trained, epoch=0).accuracy < 0.3 < 0.9 < answers_of(trained).accuracy


def test_run_without_weights_is_refused(trained: Run) -> None:
    with pytest.raises(RequestError, match="has no weights yet"):
        answers_of(store.create(TrainConfig()))
    shutil.rmtree(trained.path / "epochs")
    with pytest.raises(DamagedError, match=r"0001\.safetensors is missing"):
        answers_of(trained)


def test_damaged_weights_are_refused(trained: Run) -> None:
    trained.weights(1).write_bytes(trained.weights(1).read_bytes()[:100])
    with pytest.raises(FailedError, match="is damaged"):
        answers_of(trained, recompute=True)


def test_ranges_of_probability_and_margin(trained: Run) -> None:
    said = answers_of(trained)
    p = np.sort(said.probabilities, axis=1)
    margins = p[:, -1] - p[:, -2]
    np.testing.assert_allclose(said.margin, margins)
    found = said.mistakes_where(order="narrowest", confidence=(0.3, 0.6), margin=(0.0, 0.2))
    expected = [i for i in said.mistakes if 0.3 <= p[i, -1] <= 0.6 and margins[i] <= 0.2]
    assert sorted(found) == sorted(expected) and len(found)
    assert (np.diff(margins[found]) >= 0).all()
    assert (np.diff(margins[said.mistakes_where(order="widest")]) <= 0).all()
