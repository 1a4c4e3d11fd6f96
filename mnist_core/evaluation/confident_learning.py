"""Labels that a network's own answers speak against: confident learning.

C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of
Artificial Intelligence Research 70 (2021): the confident joint of section 3.1. It is twenty lines of NumPy, so that the
library of the same authors (cleanlab) is not needed.

The answers must be out of sample: to digits that the network was not trained on, as the test split's are.
"""

import numpy as np


def thresholds(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For each class the mean probability of it among the digits labelled so: (10,), from (n, 10) and (n,).

    A class without a digit has the threshold infinity: nothing is confidently of it.
    """
    found = np.full(probabilities.shape[1], np.inf)
    for label in np.unique(labels):
        found[label] = probabilities[labels == label, label].mean(dtype=np.float64)
    return found


def confident_classes(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The class that each digit is confidently of, (n,); -1 where no probability reaches its class's threshold.

    Where several do, it is the most probable of them.
    """
    reached = np.where(probabilities >= thresholds(probabilities, labels), probabilities, -1)
    return np.where(reached.max(1) >= 0, reached.argmax(1), -1)


def label_issues(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Indices of the digits that are confidently of another class than their label, the clearest first.

    They are the confident joint's entries off its diagonal, ordered by the normalised margin: the label's probability
    less the largest other one.
    """
    classes = confident_classes(probabilities, labels)
    found = np.flatnonzero((classes >= 0) & (classes != labels))
    of_label = probabilities[found, labels[found]]
    others = probabilities[found].copy()
    others[np.arange(len(found)), labels[found]] = -1
    return found[np.argsort(of_label - others.max(1), kind="stable")]
