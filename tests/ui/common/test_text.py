"""Numbers as a page writes them."""

import pytest

from ui.common.text import percent, whole_percent


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
