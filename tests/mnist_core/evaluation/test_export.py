"""The table and the pictures that can be taken away, read back by other means."""

import csv
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from mnist_core.data import mnist
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.evaluation.export import as_csv, as_zip
from mnist_core.runs.run import Run


@pytest.fixture
def answers(trained: Run) -> Answers:
    return answers_of(trained)


def test_the_table_has_a_row_for_each(answers: Answers) -> None:
    chosen = answers.mistakes_where(4, 9)
    rows = list(csv.DictReader(io.StringIO(as_csv(answers, chosen).decode())))
    assert [int(row["index"]) for row in rows] == list(chosen)
    for row in rows:
        probabilities = np.array([float(row[f"p{digit}"]) for digit in range(10)])
        assert (row["true"], row["predicted"]) == ("4", "9") and probabilities.argmax() == 9
        assert probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert float(row["loss"]) == pytest.approx(-np.log(probabilities[4]), abs=0.02)


def test_the_pictures_are_the_digits(answers: Answers) -> None:
    images, chosen = mnist.load_arrays("test").images, answers.mistakes[:20]
    packed = as_zip(answers, chosen, images)
    assert packed == as_zip(answers, chosen, images)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        for name, index in zip(archive.namelist(), chosen, strict=True):
            assert name == f"{index:05d}-{answers.labels[index]}-{answers.predicted[index]}.png"
            np.testing.assert_array_equal(np.array(Image.open(archive.open(name))), images[index])
