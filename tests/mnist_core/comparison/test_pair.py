"""Comparison against hand counts, exact fractions, scikit-learn's counts, and networks that were really trained."""

import json
import shutil
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from mnist_core.comparison.pair import Comparison, differing
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import Mnist
from mnist_core.evaluation.answers import Answers
from mnist_core.runs.run import Run
from mnist_core.runs.store import write_record
from mnist_core.training.loop import EpochTest, Training
from tests.conftest import command_line
from tests.support.command_line import Output, json_of, refused, run_line


def answers(predicted: list[int], labels: list[int]) -> Answers:
    scores = np.full((len(labels), 10), -5.0, np.float32)
    scores[np.arange(len(labels)), predicted] = -0.01
    return Answers(scores, np.array(labels))


def comparison(fixed: int, broken: int, both_wrong: int, both_right: int, **apart: tuple[int, int]) -> Comparison:
    n = fixed + broken + both_wrong + both_right
    before = [1] * fixed + [0] * broken + [1] * both_wrong + [0] * both_right
    after = [0] * fixed + [1] * broken + [2] * both_wrong + [0] * both_right
    return Comparison(answers(before, [0] * n), answers(after, [0] * n), dict(apart))


def exact_p(fixed: int, broken: int) -> float:
    """Twice the smaller tail of fair coin tosses, in exact fractions."""
    n, least = fixed + broken, min(fixed, broken)
    tail = Fraction(sum(comb(n, k) for k in range(least + 1)), 2**n)
    return float(min(Fraction(1), 2 * tail))


@pytest.mark.parametrize(("fixed", "broken"), [(0, 0), (3, 0), (9, 1), (10, 10), (125, 85), (40, 61)])
def test_mcnemar_is_exact(fixed: int, broken: int) -> None:
    found = comparison(fixed, broken, 7, 100)
    assert found.p_value == pytest.approx(exact_p(fixed, broken), rel=1e-9)
    assert (len(found.fixed), len(found.broken), len(found.both_wrong)) == (fixed, broken, 7)


def test_indices_are_those_of_a_hand_count() -> None:
    labels, before, after = [3, 1, 4, 1, 5, 9], [3, 7, 4, 0, 5, 4], [3, 1, 9, 2, 5, 9]
    found = Comparison(answers(before, labels), answers(after, labels), {})
    assert found.fixed.tolist() == [1, 5]
    assert found.broken.tolist() == [2]
    assert found.both_wrong.tolist() == [3]
    assert found.gain == pytest.approx(accuracy_score(labels, after) - accuracy_score(labels, before))


def test_interval_of_the_gain_covers_what_it_says() -> None:
    """Simulated: pairs with a known gain of 2 points; the 95 % interval holds it in 93 to 97 % of 1,000 draws."""
    generator = np.random.default_rng(0)
    draws = generator.multinomial(1000, [0.05, 0.03, 0.02, 0.90], size=1000)
    intervals = [comparison(*map(int, draw)).gain_interval for draw in draws]
    covered = np.mean([low <= 0.02 <= high for low, high in intervals])
    assert 0.93 < covered < 0.97


def test_sentence_says_luck_no_luck_and_luck_of_the_seed() -> None:
    assert comparison(10, 8, 5, 500, epochs=(1, 8)).sentence().startswith("The difference could be luck: of the 18 ")
    assert comparison(80, 8, 5, 500, epochs=(1, 8)).sentence().startswith("The difference could not be luck: ")
    same = comparison(80, 8, 5, 500, seed=(1, 2))
    assert same.could_be_luck
    assert "could be luck of the seed, for the settings are the same" in same.sentence()
    assert comparison(0, 0, 5, 500).sentence().endswith("there is no difference.")


def last_answers(digits: Mnist, **settings: int) -> Answers:
    config = TrainConfig(threads=1, **settings)
    tests = [event for event in Training(config).run(digits) if isinstance(event, EpochTest)]
    return Answers(tests[-1].test.log_probabilities.numpy(), digits.test.labels.numpy())


def test_trained_networks_two_seeds_may_be_luck_one_and_eight_epochs_not(digits: Mnist) -> None:
    short = last_answers(digits, epochs=1, seed=1)
    other_seed = last_answers(digits, epochs=1, seed=2)
    long = last_answers(digits, epochs=8, seed=1)
    assert Comparison(short, other_seed, {"seed": (1, 2)}).could_be_luck
    assert not Comparison(short, long, {"epochs": (1, 8)}).could_be_luck


def test_differing_settings_count_the_epochs_that_were_trained(trained: Run) -> None:
    record = trained.record()
    other = Run(trained.path.parent / "20261122-000000-cnn-0000")
    other.path.mkdir()
    changed = record.config.replace(momentum=0.9, epochs=5, seed=7)
    write_record(other, record.model_copy(update={"config": changed}))
    assert differing(trained, 1, other, 1) == {"momentum": (0.5, 0.9), "seed": (1, 7)}
    assert differing(trained, 1, trained, 0) == {"epochs": (1, 0)}


def test_command_line_compares(trained: Run) -> None:
    home = trained.path.parent.parent
    done = command_line("compare", trained.id, "latest", "--json", home=home)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["p_value"], found["fixed"], found["broken"], found["n"]) == (1.0, [], [], 10_000)
    assert found["runs"][0]["test_accuracy"] == pytest.approx(1 - len(found["wrong_in_both"]) / 10_000)
    assert "there is no difference" in command_line("compare", trained.id, trained.id, home=home).stdout
    assert command_line("compare", trained.id, "20200101", home=home).returncode == 2


def test_command_line_compares_several(capsys: Output, trained: Run) -> None:
    copies = []
    for seed in (2, 3):
        copies.append(Run(trained.path.with_name(f"20261122-00000{seed}-cnn-0000")))
        shutil.copytree(trained.path, copies[-1].path)
        record = trained.record()
        write_record(copies[-1], record.model_copy(update={"config": record.config.replace(seed=seed)}))
    ids = [trained.id, *(run.id for run in copies)]
    found = json_of(capsys, "compare", *ids, "--json")
    assert [(pair["first"], pair["second"]) for pair in found["pairs"]] == [
        (ids[0], ids[1]),
        (ids[0], ids[2]),
        (ids[1], ids[2]),
    ]
    assert [pair["p_value_holm"] for pair in found["pairs"]] == [1.0, 1.0, 1.0]
    assert (found["settings"], len(found["runs"]), found["n"]) == ([], 3, 10_000)
    status, out, _ = run_line(capsys, "compare", *ids)
    assert status == 0
    assert "Of the 3 pairs of these 3 runs none differs by more than luck could explain" in out
    assert "Name 2 to 10 different runs to compare; 1 run came." in refused(capsys, "compare", ids[0])
    assert "; 1 run came." in refused(capsys, "compare", ids[0], ids[0], ids[0])
