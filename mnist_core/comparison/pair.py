"""Two runs over the same test digits: which of them each reads, and whether the difference could be luck."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mnist_core.config.changes import in_words
from mnist_core.config.train_config import NOT_DECISIVE, settings
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.evaluation.statistics import Interval, Z, probability
from mnist_core.runs.run import Run

LEVEL = 0.05  # below this probability, luck is ruled out


def mcnemar(fixed: int, broken: int) -> float:
    """The p-value of McNemar's exact test (Q. McNemar, 1947), where two networks differ on `fixed` + `broken` digits.

    Of the digits that only one network reads, each would be either's with probability 1/2: a binomial test.
    """
    from scipy.stats import binomtest

    return float(binomtest(fixed, fixed + broken, 0.5).pvalue) if fixed + broken else 1.0


def gain_interval(fixed: int, broken: int, n: int) -> Interval:
    """A 95 % interval of (fixed - broken) / n for paired answers to n digits.

    (A. Agresti, Y. Min, 2005: half a digit is added to each count.)
    """
    of, gain = n + 2, (fixed - broken) / (n + 2)
    reach = Z * np.sqrt((fixed + broken + 1) / of - gain**2) / np.sqrt(of)
    return Interval(max(-1.0, float(gain - reach)), min(1.0, float(gain + reach)))


@dataclass(frozen=True)
class Comparison:
    """From `before` to `after`, two networks' answers to the same digits; all indices ascend, (n,) each."""

    before: Answers
    after: Answers
    differing: dict[str, tuple[Any, Any]]  # the settings in which they differ: before, after (see `differing`)

    @cached_property
    def fixed(self) -> np.ndarray:
        """What only `after` gets right."""
        return np.flatnonzero(~self._right(self.before) & self._right(self.after))

    @cached_property
    def broken(self) -> np.ndarray:
        """What only `before` gets right."""
        return np.flatnonzero(self._right(self.before) & ~self._right(self.after))

    @cached_property
    def both_wrong(self) -> np.ndarray:
        """What both get wrong."""
        return np.flatnonzero(~self._right(self.before) & ~self._right(self.after))

    @cached_property
    def p_value(self) -> float:
        """McNemar's exact test: were both equally good, how probable is a split this uneven."""
        return mcnemar(len(self.fixed), len(self.broken))

    @property
    def gain(self) -> float:
        """By how much `after` is more accurate, -1 to 1."""
        return (len(self.fixed) - len(self.broken)) / len(self.before)

    @cached_property
    def gain_interval(self) -> Interval:
        """A 95 % interval of `gain`."""
        return gain_interval(len(self.fixed), len(self.broken), len(self.before))

    @property
    def same_settings(self) -> bool:
        """Whether nothing but chance (the seed) sets the two trainings apart."""
        return set(self.differing) <= NOT_DECISIVE

    @property
    def could_be_luck(self) -> bool:
        """Whether the difference may have come by chance: of the digits tested, or of the seed."""
        return self.p_value >= LEVEL or self.same_settings

    def sentence(self) -> str:
        """Whether the difference could be luck, with the reason."""
        fixed, broken = len(self.fixed), len(self.broken)
        if not fixed + broken:
            return (
                f"Both are right and wrong on the same of the {len(self.before):,} test digits: there is no difference."
            )
        split = (
            f"of the {fixed + broken:,} test digits that only one of the two gets right, the second gets {fixed:,} "
            f"and the first {broken:,} (McNemar's exact test: p {probability(self.p_value)}, n = {len(self.before):,})"
        )
        if self.p_value >= LEVEL:
            return f"The difference could be luck: {split}."
        if self.same_settings:
            return f"The difference could be luck of the seed, for the settings are the same; yet {split}."
        return f"The difference could not be luck: {split}."

    @staticmethod
    def _right(answers: Answers) -> np.ndarray:
        return answers.predicted == answers.labels


def differing(before: Run, before_epoch: int, after: Run, after_epoch: int) -> dict[str, tuple[Any, Any]]:
    """The settings in which two runs differ, by name: (before, after); and `changes`, made to the weights afterwards.

    `epochs` are those that were trained, which is what the weights come from, not those that were asked for.
    Raises FailedError where a run's record is damaged.
    """
    records = (before.record(), after.record())
    both = [
        record.config.model_dump() | {"epochs": epoch}
        for record, epoch in zip(records, (before_epoch, after_epoch), strict=True)
    ]
    found = {name: (both[0][name], both[1][name]) for name in settings() if both[0][name] != both[1][name]}
    if records[0].changes != records[1].changes:
        found["changes"] = (in_words(records[0].changes), in_words(records[1].changes))
    return found


def compare(before: Run, before_epoch: int, after: Run, after_epoch: int) -> Comparison:
    """Two runs after these epochs, over the 10,000 test digits. Raises like `evaluation.answers_of`."""
    settings_apart = differing(before, before_epoch, after, after_epoch)
    return Comparison(answers_of(before, before_epoch), answers_of(after, after_epoch), settings_apart)
