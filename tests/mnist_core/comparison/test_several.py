"""McNemar, Holm and Welch against statsmodels, SciPy and the formula; what the sentences say and what they ask for."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from mnist_core.comparison.entry import Entry
from mnist_core.comparison.pair import Comparison
from mnist_core.comparison.seeds import by_settings, differences, in_words
from mnist_core.comparison.several import Pair, Several, distinct, holm
from tests.mnist_core.comparison.test_pair import comparison


@pytest.mark.parametrize(("fixed", "broken"), [(0, 5), (9, 1), (10, 10), (125, 85)])
def test_mcnemar_is_that_of_statsmodels(fixed: int, broken: int) -> None:
    found = comparison(fixed, broken, 7, 100)
    oracle = mcnemar([[100, broken], [fixed, 7]], exact=True).pvalue
    assert found.p_value == pytest.approx(oracle, rel=1e-9)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 45])
def test_holm_is_that_of_statsmodels(count: int) -> None:
    draw = np.random.default_rng(count)
    for p_values in (draw.random(count) ** 4, draw.choice([0.01, 0.02, 1.0], count)):  # the second has ties
        oracle = multipletests(p_values, method="holm")[1]
        assert holm(p_values.tolist()) == pytest.approx(oracle.tolist(), abs=1e-12)


def of_seeds(rate: float, accuracies: list[float], **more: object) -> list[Entry]:
    return [
        Entry.model_validate(
            {
                "run": f"{rate}-{seed}",
                "state": "finished",
                "created": 1.0,
                "changed": {"learning_rate": rate, "seed": seed, **more},
                "epoch": 3,
                "test_accuracy": accuracy,
            }
        )
        for seed, accuracy in enumerate(accuracies, 1)
    ]


def test_difference_of_means_is_welchs_by_scipy_and_by_the_formula() -> None:
    slow, fast = [0.9702, 0.9711, 0.9695, 0.9700], [0.9741, 0.9722, 0.9735]
    (found,) = differences(by_settings(of_seeds(0.01, slow) + of_seeds(0.1, fast)), "test")
    a, b = (np.var(x, ddof=1) / len(x) for x in (slow, fast))
    degrees = (a + b) ** 2 / (a**2 / (len(slow) - 1) + b**2 / (len(fast) - 1))
    reach = stats.t.ppf(0.975, degrees) * math.sqrt(a + b)
    gain = float(np.mean(fast) - np.mean(slow))
    assert found.gain == pytest.approx(gain)
    assert found.interval == pytest.approx((gain - reach, gain + reach))
    assert found.p_value == pytest.approx(stats.ttest_ind(fast, slow, equal_var=False).pvalue)
    assert (found.first.label, found.second.label) == ("learning_rate 0.01", "learning_rate 0.1")
    assert found.sentence().startswith(
        "Test accuracy of learning_rate 0.1, mean 97.33 %, against learning_rate 0.01, mean 97.02 %: 0.31 points (95 % "
    )
    assert "n = 3 and 4 seeds" in found.sentence() and "could not be luck of the seed" in found.sentence()


def test_what_is_missing_is_said_and_nothing_made_of_it() -> None:
    two, one = of_seeds(0.01, [0.97, 0.971]), of_seeds(0.1, [0.98])
    (sentence,) = in_words(by_settings(two + one))
    assert "cannot be told from one seed: train another of learning_rate 0.1." in sentence
    assert in_words(by_settings(two)) == []  # the same settings: nothing to compare
    (sentence,) = in_words(by_settings(of_seeds(0.01, [0.97, 0.97]) + of_seeds(0.1, [0.98, 0.98])))
    assert "nothing says how far seeds go apart" in sentence
    twice = [two[0], two[0].model_copy(update={"run": "again"})]  # the same seed trained again is no second seed
    assert "train another of learning_rate 0.01; learning_rate 0.1." in in_words(by_settings(twice + one))[0]


def test_runs_are_of_the_same_settings_where_only_chance_sets_them_apart() -> None:
    one, other = of_seeds(0.01, [0.97]), of_seeds(0.01, [0.97], threads=2, log_interval=50)
    assert len(by_settings(one + other)) == 1
    longer = [entry.model_copy(update={"epoch": 5}) for entry in other]
    assert [group.label for group in by_settings(one + longer)] == ["epochs 3", "epochs 5"]


def pairs(*found: Comparison) -> list[Pair]:
    corrected = holm([each.p_value for each in found])
    places = [(0, 1), (0, 2), (1, 2)]
    return [Pair(*place, each, p) for place, each, p in zip(places, found, corrected, strict=True)]


def test_only_pairs_beyond_luck_after_the_correction_are_named() -> None:
    # 22 of 30: p = 0.016 alone, which three comparisons make 0.048
    found = [comparison(a, b, 5, 500, epochs=(1, 2)) for a, b in [(10, 9), (22, 8), (20, 10)]]
    some = Several("ABC", pairs(*found), 535)
    assert "Of the 3 pairs of these 3 runs 1 differs by more than luck could explain" in some.sentence()
    assert "C is better than A by 2.62 points (p = 0.048)" in some.sentence()
    assert some.sentence().endswith("The other 2 pairs could be luck.")
    alone = comparison(22, 9, 5, 500, epochs=(1, 2))
    assert alone.p_value < 0.05
    none = Several("ABC", pairs(alone, comparison(1, 1, 5, 500, epochs=(1, 2)), comparison(2, 1, 5, 500)), 510)
    assert "none differs by more than luck" in none.sentence()
    seeds = Several("ABC", pairs(*(comparison(80, 8, 5, 500, seed=(1, 2)) for _ in range(3))), 593)
    assert "none differs by more than luck" in seeds.sentence()


def test_runs_are_called_by_names_that_tell_them_apart() -> None:
    assert distinct({"1": "A", "2": "", "3": "B", "4": "B"}) == {"1": "A", "2": "2", "3": "B (3)", "4": "B (4)"}
