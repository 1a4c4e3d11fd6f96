"""Settings rather than runs: runs of the same settings and different seeds together, and the difference of their means.

One run says how good one network is. What its settings are worth is the mean over seeds, and two seeds are the least
that says how far seeds go apart.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from mnist_core.comparison.entry import Entry
from mnist_core.comparison.pair import LEVEL
from mnist_core.comparison.several import holm
from mnist_core.config.train_config import NOT_DECISIVE
from mnist_core.evaluation.statistics import probability, share

Split = Literal["validation", "test"]


class Settings(NamedTuple):
    """Runs that nothing but chance sets apart: the same settings, trained for as many epochs."""

    label: str  # the settings in which it is not like the others, for example "learning_rate 0.03, momentum 0.9"
    entries: Sequence[Entry]

    def accuracies(self, split: Split) -> list[float]:
        """After each run's last epoch, where it was tested; a seed that was trained twice counts once."""
        by_seed = {entry.settings["seed"]: getattr(entry, f"{split}_accuracy") for entry in self.entries}
        return [accuracy for accuracy in by_seed.values() if accuracy is not None]


class Difference(NamedTuple):
    """From the first settings' mean accuracy to the second's."""

    first: Settings
    second: Settings
    split: Split
    gain: float  # of the means, -1 to 1
    interval: tuple[float, float]  # 95 %, of this difference alone
    p_value: float
    corrected: float  # the p-value, corrected for the number of differences after Holm

    def sentence(self) -> str:
        """The means, their difference with its interval, and whether it could be luck."""
        better, worse = (self.second, self.first) if self.gain > 0 else (self.first, self.second)
        sign = 1 if self.gain > 0 else -1
        low, high = sorted(100 * sign * end for end in self.interval)
        told = [f"{s.label}, mean {share(_mean(s.accuracies(self.split)), 2)}" for s in (better, worse)]
        counts = " and ".join(str(len(s.accuracies(self.split))) for s in (better, worse))
        after = "" if self.corrected == self.p_value else " after Holm"
        verdict = "could be luck of the seed" if self.corrected >= LEVEL else "could not be luck of the seed"
        return (
            f"{self.split.capitalize()} accuracy of {told[0]}, against {told[1]}: {100 * abs(self.gain):.2f} points "
            f"(95 % interval {low:+.2f} to {high:+.2f}; Welch's t, n = {counts} seeds, "
            f"p {probability(self.corrected)}{after}). The difference {verdict}."
        )


def by_settings(entries: Sequence[Entry]) -> list[Settings]:
    """The readable ones of these runs by their settings, in the order in which each kind comes first."""
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        if entry.created is not None:
            groups.setdefault(tuple(_matters(entry).values()), []).append(entry)
    firsts = [_matters(group[0]) for group in groups.values()]
    apart = [name for name in (firsts[0] if firsts else ()) if len({first[name] for first in firsts}) > 1]
    labels = [", ".join(f"{name} {_written(first[name])}" for name in apart) or "the same settings" for first in firsts]
    return [Settings(label, group) for label, group in zip(labels, groups.values(), strict=True)]


def differences(groups: Sequence[Settings], split: Split) -> list[Difference]:
    """Of every pair of settings that were trained with two seeds and more; the others are left out.

    Welch's t-test for unequal variances, from SciPy (B. L. Welch, 1947). Left out as well is a pair whose seeds all
    reached the same accuracy: nothing then says how far seeds go apart.
    """
    from scipy.stats import ttest_ind

    found = []
    for first, second in combinations(groups, 2):
        samples = first.accuracies(split), second.accuracies(split)
        if min(map(len, samples)) < 2 or all(len(set(sample)) == 1 for sample in samples):
            continue
        test = ttest_ind(samples[1], samples[0], equal_var=False)
        ends = test.confidence_interval(0.95)
        gain = _mean(samples[1]) - _mean(samples[0])
        found.append((first, second, split, gain, (float(ends.low), float(ends.high)), float(test.pvalue)))
    corrected = holm([each[-1] for each in found])
    return [Difference(*each, p) for each, p in zip(found, corrected, strict=True)]


def splits(groups: Sequence[Settings]) -> tuple[Split, ...]:
    """By what to compare: by the validation digits where every run held some out, and the test digits as a report."""
    accuracies = [entry.validation_accuracy for group in groups for entry in group.entries]
    return ("test",) if None in accuracies else ("validation", "test")


def in_words(groups: Sequence[Settings]) -> list[str]:
    """What the seeds say of these settings, and what is missing, a sentence each; empty where they are all the same."""
    if len(groups) < 2:
        return []
    told = [found.sentence() for split in splits(groups) for found in differences(groups, split)]
    few = [group.label for group in groups if len(group.accuracies("test")) < 2]
    if few:
        told.append(
            f"What settings are worth cannot be told from one seed: train another of {'; '.join(few)}. "
            "Until then the verdict is about these networks, not about their settings."
        )
    elif not told:
        told.append("All seeds of the same settings reached the same accuracy: nothing says how far seeds go apart.")
    return told


def _matters(entry: Entry) -> dict[str, object]:
    known = entry.settings | {"epochs": entry.epoch, "changes": entry.changes}
    return {name: value for name, value in known.items() if name not in NOT_DECISIVE}


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
