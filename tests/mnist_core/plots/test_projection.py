"""The projection's figure."""

import json

import numpy as np
import pytest

from mnist_core.evaluation.answers import answers_of
from mnist_core.interpretation.projection import DigitMap
from mnist_core.plots.projection import map_figure
from mnist_core.runs.run import Run


def test_the_figure_marks_the_mistakes_by_shape_and_carries_what_the_panel_says(trained: Run) -> None:
    answers = answers_of(trained, 1)
    indices = np.arange(500)
    figure = map_figure(DigitMap(indices, np.random.default_rng(0).random((500, 2))), answers, "a")
    right, wrong, ring = figure["data"]
    missed = [i for i in range(500) if answers.predicted[i] != answers.labels[i]]
    assert [int(c[0]) for c in wrong["customdata"]] == missed
    index, true, read, probability = wrong["customdata"][0]
    assert (true, read) == (answers.labels[missed[0]], answers.predicted[missed[0]])
    assert index == missed[0]
    assert probability == pytest.approx(answers.confidence[missed[0]], abs=1e-4)
    assert wrong["marker"]["symbol"] != right["marker"].get("symbol")
    assert ring["x"] == []
    assert len(json.dumps(figure)) < 100_000
