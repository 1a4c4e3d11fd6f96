"""Robustness: counts against the network asked by hand, the command line, and what the figure is made of."""

import json

import numpy as np
import pytest
import torch

from mnist_core.data import mnist
from mnist_core.data.corruptions import CORRUPTIONS, corrupt
from mnist_core.evaluation import robustness
from mnist_core.evaluation.statistics import wilson
from mnist_core.models.inference import load_network
from mnist_core.runs.run import Run
from tests.conftest import command_line

N = 1500  # a batch and a half


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three kinds of two strengths: the same code, in a second."""
    kinds = {
        kind: CORRUPTIONS[kind]._replace(strengths=CORRUPTIONS[kind].strengths[-2:]) for kind in ("shift", "noise")
    }
    monkeypatch.setattr(robustness, "CORRUPTIONS", kinds)


@pytest.mark.usefixtures("few")
def test_counts_are_those_of_the_network_asked_by_hand(trained: Run) -> None:
    shares: list[float] = []
    found = robustness.measure(trained, 1, shares.append, n=N)
    network, (images, labels) = load_network(trained, 1), mnist.load().test
    with torch.inference_mode():
        for kind in ("shift", "noise"):
            for strength, count in zip(CORRUPTIONS[kind].strengths[-2:], found["correct"][kind], strict=True):
                changed = torch.cat(
                    [corrupt(images[:1000], kind, strength, 0), corrupt(images[1000:N], kind, strength, 1)]
                )
                said = network(mnist.normalise(changed)).argmax(1)
                assert count == int((said == labels[:N]).sum())
    answers = np.load(trained.test_log_probabilities(1))[:N].argmax(1)
    assert found["clean"] == int((answers == labels[:N].numpy()).sum())
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_command_line_computes_once_and_prints_the_kept_answer(trained: Run) -> None:
    correct = {kind: [9000 - 100 * i for i in range(len(c.strengths))] for kind, c in CORRUPTIONS.items()}
    robustness.ANALYSIS.study(trained, 1).load_or_compute(
        lambda report: {"n": 10_000, "clean": 9500, "correct": correct}
    )
    done = command_line("robustness", trained.id, "--json", home=trained.path.parent.parent)
    assert done.returncode == 0, done.stderr
    points = json.loads(done.stdout)["corruptions"]["scale"]
    assert [p["strength"] for p in points] == [0.5, 0.65, 0.8, 1, 1.2, 1.4, 1.6]
    assert [p["test_accuracy"] for p in points] == [0.9, 0.89, 0.88, 0.95, 0.87, 0.86, 0.85]
    assert points[3]["interval"] == pytest.approx(list(wilson(9500, 10_000)))
    assert command_line("robustness", trained.id, "--epoch", "7", home=trained.path.parent.parent).returncode == 1
