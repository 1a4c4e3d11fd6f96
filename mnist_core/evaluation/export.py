"""Mistakes to take away: as a table, and as pictures."""

import csv
import io
import zipfile

import numpy as np

from mnist_core.data.picture import png
from mnist_core.evaluation.answers import Answers

HEADER = ["index", "true", "predicted", *(f"p{digit}" for digit in range(10)), "loss"]


def as_csv(answers: Answers, indices: np.ndarray) -> bytes:
    """A row for each of these test digits: index, true and predicted digit, the ten probabilities, the loss."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(HEADER)
    for i in indices:
        probabilities = (f"{p:.6f}" for p in answers.probabilities[i])
        table.writerow([i, answers.labels[i], answers.predicted[i], *probabilities, f"{answers.losses[i]:.6f}"])
    return text.getvalue().encode()


def as_zip(answers: Answers, indices: np.ndarray, images: np.ndarray) -> bytes:
    """These of the test digits `images`, uint8 (10000, 28, 28), as PNG files named index-true-predicted.png."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:  # stored as they are: PNG is compressed already
        for i in indices:
            name = f"{i:05d}-{answers.labels[i]}-{answers.predicted[i]}.png"
            archive.writestr(zipfile.ZipInfo(name), png(images[i]))  # its date is 1980: equal content, equal bytes
    return packed.getvalue()
