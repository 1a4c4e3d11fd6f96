"""Numbers as a page writes them."""

import pytest

from mnist_core.evaluation.statistics import between, plural, share
from ui.common.text import percent, signed, times, whole_percent


@pytest.mark.parametrize(
    ("share", "text"), [(0.844, "84 %"), (0.9949, "99 %"), (0.995, "> 99 %"), (0.99999, "> 99 %"), (0.1049, "10 %")]
)
def test_whole_percent(share: float, text: str) -> None:
    assert whole_percent(share) == text


@pytest.mark.parametrize(
    ("probability", "text"),
    [(1.0, "> 99.9 %"), (0.9994, "99.9 %"), (0.5, "50.0 %"), (0.0006, "0.1 %"), (0.0004, "< 0.1 %"), (0.0, "< 0.1 %")],
)
def test_a_probability_is_never_rounded_to_certainty(probability: float, text: str) -> None:
    assert percent(probability) == text


def test_shares_and_intervals_in_percent() -> None:
    assert (share(0.9876), share(0.9876, 2), share(1, 0)) == ("98.8 %", "98.76 %", "100 %")
    assert (between((0.956, 0.9784)), between((0.956, 1), 0)) == ("95.6 to 97.8", "96 to 100")


def test_a_difference_has_its_sign() -> None:
    assert (signed(0.1234, 2), signed(-0.1234, 3)) == ("+0.12", "−0.123")


def test_one_is_singular() -> None:
    assert [plural(n, "epoch") for n in (0, 1, 2, 1000)] == ["0 epochs", "1 epoch", "2 epochs", "1,000 epochs"]
    assert [times(n) for n in (0, 1, 2, 1000)] == ["never", "once", "2 times", "1,000 times"]
