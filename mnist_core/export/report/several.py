"""Several runs beside one another, as the template shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from mnist_core.comparison.seeds import by_settings, in_words
from mnist_core.comparison.several import Several, compare_all
from mnist_core.config.train_config import settings
from mnist_core.evaluation.statistics import between, probability, share, wilson
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
    values = [one.record.config.model_dump() | {"epochs": one.epoch} for one in facts]
    apart = {name for pair in several.pairs for name in pair.comparison.differing}
    verdict = [several.sentence()]
    if len(facts) == 2:
        pair = several.pairs[0].comparison
        low, high = map(_points, pair.gain_interval)
        verdict = [
            f"{names[1]} is {_points(pair.gain)} points more accurate than {names[0]} "
            f"(95 % interval {low} to {high}, {len(pair.before):,} test digits).",
            f"{pair.sentence()} The first is {names[0]}, the second {names[1]}.",
        ]
    return SeveralView(
        names,
        [_accuracy_row(one) for one in facts],
        verdict + _of_settings(facts),
        _pairs(several) if len(facts) > 2 else [],
        [
            (setting.label, *(shown(its[name]) for its in values))
            for name, setting in settings().items()
            if name in apart
        ],
        [figures.compared_curves(facts, "test_accuracy"), figures.compared_curves(facts, "train_loss")],
    )


def _of_settings(facts: Sequence[Facts]) -> list[str]:
    """What settings are worth, where some have several seeds."""
    groups = by_settings([one.entry for one in facts])
    if any(len(group.entries) > 1 for group in groups):
        return in_words(groups)
    return ["Each was trained with one seed: the verdict is about these networks, not about their settings."]


def _pairs(several: Several) -> Rows:
    rows: Rows = []
    for pair in sorted(several.pairs, key=lambda pair: pair.comparison.p_value):
        low, high = map(_points, pair.comparison.gain_interval)
        by = f"{_points(pair.comparison.gain)} points ({low} to {high})"
        luck = "could be luck" if pair.could_be_luck else "more than luck"
        names = several.names[pair.second], several.names[pair.first]
        rows.append((*names, by, f"p {probability(pair.corrected)}", luck))
    return rows


def _points(difference: float) -> str:
    """A difference of shares in percentage points, with its sign and a real minus."""
    return f"{100 * difference:+.2f}".replace("-", "−")


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
