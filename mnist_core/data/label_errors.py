"""The test digits whose label people rejected, with their votes.

C. G. Northcutt, A. Athalye, J. Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning Benchmarks",
NeurIPS 2021 Datasets and Benchmarks: five people looked at each of the test digits that a cross-validated model
doubted. For these 15 the given label did not win a majority. Nobody was asked about the others.
"""

from typing import NamedTuple

SOURCE = "Northcutt, Athalye and Mueller, 2021"
SOURCE_URL = "https://arxiv.org/abs/2103.14749"


class Vote(NamedTuple):
    """What five people said to one test digit."""

    index: int  # type: ignore[assignment]  # a tuple's method has that name too
    given: int  # its label
    other: int  # the other candidate they were shown
    for_given: int
    for_other: int
    for_neither: int

    @property
    def sentence(self) -> str:
        """For example "Of five people, nobody chose 8 (its label), five chose 9.", ready for a page."""
        said = [f"{_people(self.for_given)} chose {self.given} (its label)"]
        said += [f"{_people(self.for_other)} chose {self.other}"] if self.for_other else []
        said += [f"{_people(self.for_neither)} chose neither {self.given} nor {self.other}"] if self.for_neither else []
        return f"Of five people, {', '.join(said)}."


VOTES = {
    vote.index: vote
    for vote in (
        Vote(947, 8, 9, 0, 5, 0),
        Vote(1621, 0, 6, 2, 3, 0),
        Vote(1901, 9, 4, 2, 3, 0),
        Vote(2130, 4, 9, 2, 2, 1),
        Vote(2462, 2, 0, 0, 4, 1),
        Vote(2597, 5, 3, 0, 4, 1),
        Vote(2654, 6, 1, 0, 2, 3),
        Vote(3520, 6, 4, 2, 0, 3),
        Vote(3558, 5, 0, 1, 4, 0),
        Vote(5937, 5, 3, 1, 3, 1),
        Vote(6651, 0, 6, 0, 5, 0),
        Vote(6783, 1, 6, 2, 3, 0),
        Vote(8527, 4, 9, 2, 2, 1),
        Vote(9679, 6, 3, 2, 0, 3),
        Vote(9729, 5, 6, 2, 3, 0),
    )
}


def _people(count: int) -> str:
    return ("nobody", "one", "two", "three", "four", "five")[count]
