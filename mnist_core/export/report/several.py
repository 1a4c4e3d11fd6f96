"""Several runs beside one another, as the template shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from mnist_core.comparison.entry import differing
from mnist_core.comparison.pair import Comparison
from mnist_core.comparison.seeds import by_settings, in_words
from mnist_core.comparison.several import Several, compare_all
from mnist_core.config.train_config import settings
from mnist_core.evaluation.statistics import between, points, probability, share, wilson
from mnist_core.export.report import figures
from mnist_core.export.report.facts import Facts
from mnist_core.export.report.view import Rows, shown


@dataclass(frozen=True)
class SeveralView:
    """What several runs have in common, and what sets them apart."""

    names: list[str]
    accuracies: Rows  # run, accuracy, interval, mistakes, loss, epochs, seconds
    verdict: list[str]
    pairs: Rows  # first, second, difference, p, verdict; of three runs and more
    settings: Rows  # setting, and its value in each run
    curves: list[str]


def of_several(facts: Sequence[Facts]) -> SeveralView:
    """The runs beside one another."""
    names, answers = [one.called for one in facts], [one.answers for one in facts]
    runs, epochs = [one.run for one in facts], [one.epoch for one in facts]
    several = compare_all(names, runs, epochs, answers)
    verdict = [several.sentence()]
    if len(facts) == 2:
        pair = several.pairs[0].comparison
        verdict = [
            _lead(names, pair),
            f"{pair.sentence()} The first is {names[0]}, the second {names[1]}.",
        ]
    return SeveralView(
        names,
        [_accuracy_row(one) for one in facts],
        verdict + _of_settings(facts),
        _pairs(several) if len(facts) > 2 else [],
        [
            (settings()[name].label, *(shown(one.entry.settings[name]) for one in facts))
            for name in differing([one.entry for one in facts])
        ]
        + _epochs(facts),
        [figures.compared_curves(facts, "test_accuracy"), figures.compared_curves(facts, "train_loss")],
    )


def _lead(names: Sequence[str], pair: Comparison) -> str:
    """Which of the two is the more accurate, and by how much."""
    better, worse, by, interval = _better_first(names[0], names[1], pair)
    lead = f"{better} is {by} more accurate than {worse}" if pair.gain else f"{better} and {worse} are equally accurate"
    return f"{lead} (95 % interval {interval}, {len(pair.before):,} test digits)."


def _better_first(first: str, second: str, pair: Comparison) -> tuple[str, str, str, str]:
    """The better and the worse one, by how much it is better, and the interval of that."""
    low, high = pair.gain_interval
    by = f"{100 * abs(pair.gain):.2f} points"
    if pair.gain < 0:
        return first, second, by, f"{points(-high, 2)} to {points(-low, 2)}"
    return second, first, by, f"{points(low, 2)} to {points(high, 2)}"


def _epochs(facts: Sequence[Facts]) -> Rows:
    """A row where they answer after different epochs, which the setting need not tell."""
    epochs = [str(one.epoch) for one in facts]
    return [("Epochs behind the answers", *epochs)] if len(set(epochs)) > 1 else []


def _of_settings(facts: Sequence[Facts]) -> list[str]:
    """What settings are worth, where some have several seeds."""
    groups = by_settings([one.entry for one in facts])
    if any(len(group.entries) > 1 for group in groups):
        return in_words(groups)
    return ["Each was trained with one seed: the verdict is about these networks, not about their settings."]


def _pairs(several: Several) -> Rows:
    rows: Rows = []
    for pair in sorted(several.pairs, key=lambda pair: pair.comparison.p_value):
        luck = "could be luck" if pair.could_be_luck else "more than luck"
        named = several.names[pair.first], several.names[pair.second]
        better, worse, by, interval = _better_first(*named, pair.comparison)
        rows.append((better, worse, f"{by} ({interval})", f"p {probability(pair.corrected)}", luck))
    return rows


def _accuracy_row(facts: Facts) -> tuple[str, ...]:
    answers = facts.answers
    return (
        facts.called,
        share(answers.accuracy, 2),
        between(wilson(answers.correct, len(answers)), 2),
        f"{len(answers.mistakes):,}",
        f"{answers.loss:.4f}",
        str(facts.epoch),
        f"{facts.status.train_seconds:,.1f}",
    )
