"""Confident learning against an example worked out by hand, and against plain loops."""

import numpy as np

from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.confident_learning import confident_classes, label_issues, thresholds
from mnist_core.runs.run import Run

LABELS = np.array([0, 0, 0, 1, 1, 2])
PROBABILITIES = np.array(
    [
        [0.90, 0.05, 0.05],
        [0.80, 0.10, 0.10],
        [0.10, 0.85, 0.05],  # surely a 1
        [0.10, 0.80, 0.10],
        [0.70, 0.20, 0.10],  # surely a 0
        [0.20, 0.45, 0.35],  # most probably a 1, but that is less than ones get; and as much a 2 as twos get
    ]
)


def test_worked_out_by_hand() -> None:
    np.testing.assert_allclose(thresholds(PROBABILITIES, LABELS), [0.6, 0.5, 0.35])
    np.testing.assert_array_equal(confident_classes(PROBABILITIES, LABELS), [0, 0, 1, 1, 0, 2])
    np.testing.assert_array_equal(label_issues(PROBABILITIES, LABELS), [2, 4])  # margins -0.75 and -0.5


def test_who_reaches_no_threshold_is_of_no_class() -> None:
    probabilities = np.vstack([PROBABILITIES, [0.4, 0.3, 0.3]])
    assert confident_classes(probabilities, np.append(LABELS, 0))[-1] == -1
    assert len(label_issues(probabilities, np.append(LABELS, 0))) == 2


def test_a_class_without_a_digit_is_nobodys() -> None:
    assert thresholds(PROBABILITIES[:5], LABELS[:5])[2] == np.inf
    assert 2 not in confident_classes(PROBABILITIES[:5], LABELS[:5])


def test_a_real_network_against_plain_loops(trained: Run) -> None:
    answers = answers_of(trained)
    means = [
        float(np.mean([p[label] for p, own in zip(answers.probabilities, answers.labels, strict=True) if own == label]))
        for label in range(10)
    ]
    expected = []
    for index in range(len(answers)):
        own, p = int(answers.labels[index]), answers.probabilities[index]
        sure = [c for c in range(10) if p[c] >= means[c]]
        if sure and (best := max(sure, key=p.__getitem__)) != own:
            expected.append((p[own] - max(p[c] for c in range(10) if c != own), index, best))
    np.testing.assert_array_equal(answers.doubted_labels, [index for _, index, _ in sorted(expected)])
    assert expected, "a network of one epoch doubts some labels"
