"""Three runs and more over the same test digits: which pairs differ by more than luck, corrected for their number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from mnist_core.comparison.pair import LEVEL, Comparison, differing
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.statistics import plural, probability
from mnist_core.runs.run import Run

MOST = 10  # runs that are compared at once: 45 pairs
MOST_NAMED = 3  # pairs in a sentence


class Pair(NamedTuple):
    """Two of the runs, by their places among them."""

    first: int
    second: int
    comparison: Comparison
    corrected: float  # its p-value times what Holm's method asks

    @property
    def could_be_luck(self) -> bool:
        """Whether the difference may have come by chance: of the digits tested, or of the seed."""
        return self.corrected >= LEVEL or self.comparison.same_settings


@dataclass(frozen=True)
class Several:
    """All pairs of several runs."""

    names: Sequence[str]  # of the runs, for a person
    pairs: Sequence[Pair]
    n: int  # test digits

    def sentence(self) -> str:
        """Which pairs differ by more than luck, the surest `MOST_NAMED` of them by name, with the reason."""
        sure = sorted((pair for pair in self.pairs if not pair.could_be_luck), key=lambda pair: pair.comparison.p_value)
        how = (
            f"exact McNemar tests, p-values corrected for {len(self.pairs)} comparisons after Holm, "
            f"level {LEVEL}, n = {self.n:,} test digits"
        )
        of = f"Of the {len(self.pairs)} pairs of these {len(self.names)} runs"
        if not sure:
            return f"{of} none differs by more than luck could explain ({how})."
        told = "; ".join(self.in_words(pair) for pair in sure[:MOST_NAMED])
        more = f"; and {len(sure) - MOST_NAMED} more" if len(sure) > MOST_NAMED else ""
        rest = len(self.pairs) - len(sure)
        others = f" The other {plural(rest, 'pair')} could be luck." if rest else ""
        verb = "differs" if len(sure) == 1 else "differ"
        return f"{of} {len(sure)} {verb} by more than luck could explain ({how}): {told}{more}.{others}"

    def in_words(self, pair: Pair) -> str:
        """Which of the two is better, by how much, and how probable that is by chance."""
        better, worse = (pair.second, pair.first) if pair.comparison.gain > 0 else (pair.first, pair.second)
        by = f"{100 * abs(pair.comparison.gain):.2f} points"
        return f"{self.names[better]} is better than {self.names[worse]} by {by} (p {probability(pair.corrected)})"


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for how many they are (S. Holm, 1979), in their order.

    The smallest is multiplied by their number, the next by one less, and so on; none becomes smaller than the one
    before, none larger than 1. Below 0.05 then: the chance of even one false alarm among all is at most 5 %.
    """
    corrected, least, count = [0.0] * len(p_values), 0.0, len(p_values)
    for place, index in enumerate(sorted(range(count), key=p_values.__getitem__)):
        least = max(least, min(1.0, (count - place) * p_values[index]))
        corrected[index] = least
    return corrected


def compare_all(
    names: Sequence[str], runs: Sequence[Run], epochs: Sequence[int], answers: Sequence[Answers]
) -> Several:
    """Every pair of these runs, each after so many epochs. Raises FailedError where a run's record is damaged."""
    places = list(combinations(range(len(runs)), 2))
    found = [Comparison(answers[i], answers[j], differing(runs[i], epochs[i], runs[j], epochs[j])) for i, j in places]
    corrected = holm([each.p_value for each in found])
    pairs = [Pair(i, j, each, p) for (i, j), each, p in zip(places, found, corrected, strict=True)]
    return Several(names, pairs, len(answers[0]))


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """What to call runs, by id: the name; the id where it has none, with the id's end where another has it as well."""
    given = list(names.values())
    return {
        run_id: run_id if not name else name if given.count(name) == 1 else f"{name} ({run_id[-4:]})"
        for run_id, name in names.items()
    }
