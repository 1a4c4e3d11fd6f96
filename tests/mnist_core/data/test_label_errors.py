"""The votes of people on labels are about the test split as it is."""

import pytest

from mnist_core.data import mnist
from mnist_core.data.label_errors import VOTES


@pytest.mark.usefixtures("home")
def test_votes_are_about_the_test_split_as_it_is() -> None:
    labels = mnist.load_arrays("test").labels
    assert len(VOTES) == 15
    for index, vote in VOTES.items():
        assert vote.index == index and vote.given == labels[index] and vote.other != vote.given
        assert vote.for_given + vote.for_other + vote.for_neither == 5
        assert vote.for_given < 3, "the label did not win a majority"
    assert VOTES[2654].sentence == (
        "Of five people, nobody chose 6 (its label), two chose 1, three chose neither 6 nor 1."
    )
