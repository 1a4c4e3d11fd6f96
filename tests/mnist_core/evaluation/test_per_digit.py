"""Scores of the digits against scikit-learn and SciPy, and the votes against the test split's labels."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.per_digit import digit_scores
from mnist_core.runs.run import Run


def test_scikit_learn_and_scipy_say_the_same(trained: Run) -> None:
    answers = answers_of(trained)
    np.testing.assert_array_equal(answers.confusion, confusion_matrix(answers.labels, answers.predicted))
    scores = digit_scores(answers.confusion)
    precision, recall, f1, support = precision_recall_fscore_support(answers.labels, answers.predicted)
    np.testing.assert_allclose([s.precision or 0 for s in scores], precision)
    np.testing.assert_allclose([s.recall or 0 for s in scores], recall)
    np.testing.assert_allclose([s.f1 or 0 for s in scores], f1)
    np.testing.assert_array_equal([s.labelled for s in scores], support)
    for score in scores:
        for n, found in ((score.labelled, score.recall_interval), (score.read, score.precision_interval)):
            expected = binomtest(score.right, n).proportion_ci(0.95, method="wilson")
            assert found == pytest.approx((expected.low, expected.high))


def test_a_digit_that_is_never_read_has_no_precision() -> None:
    confusion = np.zeros((10, 10), int)
    confusion[:, 0] = 5  # everything is read as 0
    confusion[7] = 0  # and there is no 7
    scores = digit_scores(confusion)
    assert (scores[3].recall, scores[3].precision, scores[3].precision_interval, scores[3].f1) == (0, None, None, 0)
    assert (scores[7].recall, scores[7].recall_interval, scores[7].precision, scores[7].f1) == (None, None, None, None)
    assert scores[0].precision == pytest.approx(5 / 45)
