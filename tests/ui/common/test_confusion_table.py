"""The confusion matrix's table, read back from its HTML, and the picture of an attribution."""

import re

import numpy as np
import pytest

from ui.common.confusion_table import in_words as matrix_in_words
from ui.common.confusion_table import table, value_of


@pytest.fixture
def confusion() -> np.ndarray:
    counts = np.random.default_rng(0).integers(0, 3, (10, 10))
    np.fill_diagonal(counts, 900)
    counts[4, 9], counts[9, 4] = 25, 0
    return counts


def buttons(html: str) -> dict[str, str]:
    return dict(re.findall(r'data-value="([^"]+)".*?>([^<]+)</button>', html))


def test_each_count_of_mistakes_is_a_button_and_the_sums_are(confusion: np.ndarray) -> None:
    found = buttons(table(confusion))
    wrong = confusion - np.diag(np.diag(confusion))
    expected = {f"{t} {r}": wrong[t, r] for t in range(10) for r in range(10)}
    expected |= {f"{d} any": wrong[d].sum() for d in range(10)} | {f"any {d}": wrong[:, d].sum() for d in range(10)}
    expected["any any"] = wrong.sum()
    assert found == {value: str(count) for value, count in expected.items() if count}
    assert "9 4" not in found


def test_rates_are_shares_of_the_true_digit_and_sums_of_their_line(confusion: np.ndarray) -> None:
    found = buttons(table(confusion, rates=True))
    assert found["4 9"] == f"{100 * 25 / confusion[4].sum():.1f}"
    assert found["4 any"] == f"{100 * (confusion[4].sum() - 900) / confusion[4].sum():.1f}"
    assert found["any 9"] == f"{100 * (confusion[:, 9].sum() - 900) / confusion[:, 9].sum():.1f}"


def test_without_buttons_it_shows_the_same_counts(confusion: np.ndarray) -> None:
    plain = table(confusion, buttons=False)
    assert "<button" not in plain
    shown, clickable = (re.findall(r">([\d,]+)</(?:td|button)>", html) for html in (plain, table(confusion)))
    assert shown == clickable and len(shown) > 40


def test_the_diagonal_can_be_hidden(confusion: np.ndarray) -> None:
    assert table(confusion).count(">900<") == 10
    assert ">900<" not in table(confusion, diagonal=False)
    assert buttons(table(confusion)) == buttons(table(confusion, diagonal=False))


@pytest.mark.parametrize(("chosen", "pressed"), [((4, 9), {"4 9"}), ((None, None), set())])
def test_what_is_chosen_is_pressed(confusion: np.ndarray, chosen: tuple[int, int], pressed: set[str]) -> None:
    html = table(confusion, chosen)
    assert set(re.findall(r'data-value="([^"]+)"[^>]*aria-pressed="true"', html)) == pressed


def test_a_sum_presses_its_line(confusion: np.ndarray) -> None:
    html = table(confusion, (4, None))
    found = set(re.findall(r'data-value="([^"]+)"[^>]*aria-pressed="true"', html))
    assert found == {"4 any"} | {f"4 {read}" for read in range(10) if read != 4 and confusion[4, read]}


def test_values_mean_cells() -> None:
    assert [value_of(word) for word in ("4 9", "4 any", "any 9", "any any")] == [
        (4, 9),
        (4, None),
        (None, 9),
        (None, None),
    ]


def test_an_untrained_network_and_a_perfect_one_have_a_matrix_too(confusion: np.ndarray) -> None:
    assert buttons(table(np.eye(10, dtype=int) * 90)) == {}
    one_answer = np.zeros((10, 10), int)
    one_answer[:, 3] = 1000
    assert len(buttons(table(one_answer, rates=True))) == 9 + 9 + 1 + 1
    assert matrix_in_words(confusion).startswith("Confusion matrix. Most often: 4 read as 9, 25 times;")
    assert matrix_in_words(np.eye(10, dtype=int)).endswith("Most often: none.")
