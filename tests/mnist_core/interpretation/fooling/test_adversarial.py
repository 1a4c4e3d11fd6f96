"""Accuracy under attack: counts against the network asked by hand, the verdict against SciPy, and the commands."""

import json

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from mnist_core.data import mnist
from mnist_core.data.mnist import Mnist
from mnist_core.interpretation.fooling import adversarial
from mnist_core.interpretation.fooling.adversarial import (
    ANALYSIS,
    SIZES,
    Attacked,
    curve,
    is_the_best_reader_harder_to_fool,
)
from mnist_core.interpretation.fooling.attacks import perturb, smallest
from mnist_core.models.inference import infer, load_network
from mnist_core.runs.run import Run
from tests.conftest import command_line
from tests.support.command_line import Output, json_of, refused


def test_counts_are_those_of_the_network_asked_by_hand(trained: Run) -> None:
    shares: list[float] = []
    found = adversarial.measure(trained, 1, shares.append, every=500, sizes=(8, 40))
    network, (images, labels) = load_network(trained, 1), (part[::500] for part in mnist.load().test)
    as_they_are = infer(network, images).argmax(1) != labels
    for method in ("fgsm", "pgd"):
        wrong = {
            size: infer(network, perturb(network, images, labels, size, method)).argmax(1) != labels for size in (8, 40)
        }
        expected = torch.where(as_they_are, 0, torch.where(wrong[8], 8, torch.where(wrong[40], 40, 256)))
        assert (
            sum(a != b for a, b in zip(found[method], expected.tolist(), strict=True)) <= 1
        )  # another batch's rounding
        assert len({*found[method]}) > 2
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)


def fooled(*counts: int) -> np.ndarray:
    """So many digits for 0, each size, and never."""
    return np.repeat([0, *SIZES, 256], counts)


def test_a_curve_counts_what_is_right_up_to_each_size() -> None:
    points = curve(fooled(10, 20, 0, 0, 0, 0, 0, 0, 300, 670))
    assert [(p.strength, p.correct, p.n) for p in points[:3]] == [(0, 990, 1000), (4, 970, 1000), (8, 970, 1000)]
    assert points[-1].correct == 670


def test_the_verdict_follows_from_the_numbers() -> None:
    hard, soft = np.full(1000, 256), np.full(1000, 256)
    soft[:300], hard[250:400] = 16, 16

    def verdict(best: np.ndarray, other: np.ndarray) -> str:
        both = (("A", 0.98, other), ("B", 0.99, best))
        networks = [Attacked(name, accuracy, {"pgd": its}) for name, accuracy, its in both]
        return is_the_best_reader_harder_to_fool(networks, "pgd", 24)

    for best, other, answer in (
        (hard, soft, "Yes, it is harder"),
        (soft, hard, "No, it is easier"),
        (hard, hard, "That cannot be told"),
    ):
        said = verdict(best, other)
        assert said.startswith(answer)
        assert "B reads the test digits best (99.00 % of 10,000)" in said
    others = [Attacked(name, 0.9, {"pgd": its}) for name, its in (("A", soft), ("C", hard))]
    some = "It is harder to fool than some, not than all"
    for its, answer in ((hard, some), (soft, "No, it is easier to fool than some")):
        said = is_the_best_reader_harder_to_fool([Attacked("B", 0.99, {"pgd": its}), *others], "pgd", 24)
        assert said.startswith(f"{answer}, with changes up to 24")
    only_hard, only_soft = 250, 100
    assert binomtest(only_hard, only_hard + only_soft).pvalue < 0.0001
    said = verdict(hard, soft)
    assert "keeps 85.0 %: +15.0 points beside A, which keeps 70.0 % (95 % interval +11." in said
    assert "p < 0.0001" in said


def test_adversarial_prints_the_kept_answer(trained: Run) -> None:
    kept = fooled(50, 50, 100, 100, 100, 100, 100, 100, 100, 200).tolist()
    ANALYSIS.study(trained, 1).load_or_compute(lambda report: {"fgsm": kept, "pgd": kept})
    done = command_line("adversarial", trained.id, "--json", home=trained.path.parent.parent)
    assert done.returncode == 0, done.stderr
    points = json.loads(done.stdout)["methods"]["pgd"]
    assert [(p["size"], p["test_accuracy"], p["n"]) for p in points[:3]] == [
        (0, 0.95, 1000),
        (4, 0.9, 1000),
        (8, 0.8, 1000),
    ]


def test_an_answer_that_is_none_is_not_believed() -> None:
    for wrong in (fooled(10, 0, 0, 0, 0, 0, 0, 0, 0, 989), np.full(1000, 5)):
        with pytest.raises(ValueError, match="thousand"):
            ANALYSIS.decode({"fgsm": wrong.tolist(), "pgd": wrong.tolist()})


def test_fool_finds_what_python_finds(capsys: Output, trained: Run, digits: Mnist) -> None:
    said = json_of(capsys, "fool", trained.id, "--digit", "2", "--json")
    change = smallest(load_network(trained, 1), digits.test.images[2].numpy(), "pgd")
    assert change is not None
    assert (said["digit"], said["changed_digit"], said["size"]) == (1, change.digit, change.size)
    assert said["changed_probabilities"][change.digit] == max(said["changed_probabilities"])


@pytest.mark.parametrize(
    "words",
    [
        ("--digit", "10000"),
        ("--towards", "10"),
        ("--towards", "1", "--digit", "2"),
        ("--digit", "1", "--image", "x.png"),
        ("-o", "x.gif"),
    ],
)
def test_fool_refuses_in_a_sentence(capsys: Output, trained: Run, words: tuple[str, ...]) -> None:
    refused(capsys, "fool", trained.id, *words)
