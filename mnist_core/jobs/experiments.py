"""Guided experiments: a hypothesis, one to four trainings that test it, and a sentence on whether it held.

Each is a single seed: a verdict is about these runs, and the interval says how much luck with the 10,000 test digits
explains, not how much luck with the seed does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mnist_core.comparison.pair import LEVEL, Comparison
from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import FailureKind
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.evaluation.statistics import points, probability, share, wilson
from mnist_core.jobs import launcher
from mnist_core.runs.logs.metrics import Curves, smooth
from mnist_core.runs.records import Record
from mnist_core.runs.run import Run

GUESSING = 0.2  # nobody who has learned anything of ten digits is below this


class Outcome(NamedTuple):
    """What became of one run."""

    answers: Answers | None  # after its last epoch; None where it ended before its first test
    train_loss: float | None  # smoothed, at the end
    failure: FailureKind | None = None  # why it failed, where it did


class Verdict(NamedTuple):
    """Whether the hypothesis held, and the numbers that decided it."""

    held: bool
    sentence: str


class Experiment(NamedTuple):
    """What a person reads, the trainings (of two, the first is compared with the second), and how it is decided."""

    title: str
    hypothesis: str
    look_at: str
    teaches: str
    arms: dict[str, dict[str, Any]]  # the settings that differ from the tutorial's, by the arm's name
    decide: Callable[[Sequence[Outcome]], Verdict]

    def configs(self) -> list[TrainConfig]:
        """One for each arm."""
        return [TrainConfig.parse(values) for values in self.arms.values()]

    def run_names(self) -> list[str]:
        """The names that its runs carry."""
        return [f"{self.title}: {arm}" if len(self.arms) > 1 else self.title for arm in self.arms]


def start(experiment: Experiment) -> list[Run]:
    """Train the arms, each in a process of its own, one after the other; returns their runs."""
    pairs = zip(experiment.configs(), experiment.run_names(), strict=True)
    return [launcher.start(config, name) for config, name in pairs]


def experiment_of(name: str) -> Experiment | None:
    """The experiment whose run carries this name, or None."""
    return next((experiment for experiment in EXPERIMENTS if name in experiment.run_names()), None)


def runs_of(experiment: Experiment, run: Run, known: Mapping[Run, Record]) -> list[Run | None]:
    """For each arm its run: `run` itself for its own, for another the one created nearest to it; None where gone."""
    its = known[run]
    found: list[Run | None] = []
    for name in experiment.run_names():
        others = [other for other, record in known.items() if record.name == name]
        nearest = min(others, key=lambda other: abs(known[other].created - its.created), default=None)
        found.append(run if name == its.name else nearest)
    return found


def verdict(experiment: Experiment, its_runs: Sequence[Run]) -> Verdict | None:
    """Whether the hypothesis held; None while a run is still at work, or where one was stopped early."""
    outcomes = []
    for run in its_runs:
        if run.status().state not in ("finished", "failed"):
            return None
        outcomes.append(outcome_of(run))
    return experiment.decide(outcomes)


def outcome_of(run: Run) -> Outcome:
    """What became of a run, from its saved answers and its curve."""
    _, losses = Curves(run.metrics()[0])["train_loss"]
    train_loss = float(smooth(losses, 0.9)[-1]) if len(losses) else None
    status = run.status()
    answers = answers_of(run) if run.saved_epochs() else None
    return Outcome(answers, train_loss, status.failure if status.state == "failed" else None)


def guesses(outcomes: Sequence[Outcome]) -> Verdict:
    """Held when the network learned next to nothing: its interval ends below `GUESSING`, or the training diverged."""
    (only,) = outcomes
    if only.failure == "diverged":
        return Verdict(True, "It held: the training diverged, its loss is no number any more (1 run).")
    if only.answers is None or only.failure:
        return _undecided(outcomes)
    held = wilson(only.answers.correct, len(only.answers)).high < GUESSING
    return Verdict(held, f"{_held(held)}: {_share(only.answers)} are correct (1 run); guessing gets 10 %.")


def less_accurate(outcomes: Sequence[Outcome]) -> Verdict:
    """Held when the first run is correct on fewer test digits than the second, by more than chance explains."""
    return _compared(outcomes, lambda pair: pair.gain < 0 and pair.p_value < LEVEL)


def more_accurate(outcomes: Sequence[Outcome]) -> Verdict:
    """Held when the first run is correct on more test digits than the second, by more than chance explains."""
    return _compared(outcomes, lambda pair: pair.gain > 0 and pair.p_value < LEVEL)


def learned_by_heart(outcomes: Sequence[Outcome]) -> Verdict:
    """Held when the training loss is next to nothing (below 0.1) while more than one test digit in ten is wrong."""
    (only,) = outcomes
    if only.answers is None or only.train_loss is None or only.failure:
        return _undecided(outcomes)
    held = only.train_loss < 0.1 and wilson(only.answers.correct, len(only.answers)).high < 0.9
    loss = f"the training loss ends at {only.train_loss:.3f}"
    return Verdict(held, f"{_held(held)}: {loss}, and {_share(only.answers)} are correct (1 run).")


def buys_less_and_less(outcomes: Sequence[Outcome]) -> Verdict:
    """Held when the last run is more accurate than the first by more than chance explains, and the second has at least
    half of what it gains; the runs are in the order of their networks' sizes."""
    tested = [outcome.answers for outcome in outcomes if outcome.answers is not None and not outcome.failure]
    if len(tested) < len(outcomes):
        return _undecided(outcomes)
    first, second, *_, last = tested
    pair = Comparison(first, last, {})
    is_half_there = 2 * (second.correct - first.correct) >= last.correct - first.correct
    held = pair.gain > 0 and pair.p_value < LEVEL and is_half_there
    told = "; ".join(
        f"with {size:,} parameters {share(answers.accuracy, 2)} ({wilson(answers.correct, len(answers)).in_words()})"
        for size, answers in zip(SIZES, tested, strict=True)
    )
    return Verdict(
        held,
        f"{_held(held)}: of the same {len(first):,} test digits are correct {told}. From the fewest to the most "
        f"{points(pair.gain)} points (McNemar's exact test: p {probability(pair.p_value)}), by the first step "
        f"{points(second.accuracy - first.accuracy)} (one run each).",
    )


def _compared(outcomes: Sequence[Outcome], is_as_said: Callable[[Comparison], bool]) -> Verdict:
    first, second = outcomes
    if first.answers is None or second.answers is None or first.failure or second.failure:
        return _undecided(outcomes)
    pair = Comparison(second.answers, first.answers, {})
    held = is_as_said(pair)
    low, high = pair.gain_interval
    return Verdict(
        held,
        f"{_held(held)}: {share(first.answers.accuracy)} against {share(second.answers.accuracy)} of the same "
        f"{len(first.answers):,} test digits are correct, a difference of {points(pair.gain)} points (95 % "
        f"interval {points(low)} to {points(high)}; McNemar's exact test: p {probability(pair.p_value)}; one run "
        "each).",
    )


def _undecided(outcomes: Sequence[Outcome]) -> Verdict:
    """Why there is nothing to go by."""
    kind = next((outcome.failure for outcome in outcomes if outcome.failure), None)
    what = "was never tested" if kind is None else _FAILURES[kind]
    return Verdict(False, f"Undecided: a run {what}, so there is nothing to go by.")


_FAILURES: dict[FailureKind, str] = {
    "diverged": "diverged",
    "disk": "failed because the disk refused",
    "data": "failed because the data set was missing or damaged",
    "damaged": "failed because one of its files was damaged",
    "other": "failed",
}


def _held(held: bool) -> str:
    return "It held" if held else "It did not hold"


def _share(answers: Answers) -> str:
    interval = wilson(answers.correct, len(answers)).in_words()
    return f"{share(answers.accuracy)} of {len(answers):,} test digits ({interval})"


_WIDTHS = (0.12, 0.24, 0.5, 1.0)  # of the deep network: each has about four times the parameters of the one before
SIZES = [NETWORKS["deep"].size(width).parameters for width in _WIDTHS]
# Of a network that learns fast, without augmentation: a few seconds an epoch, half a minute for the widest.
_QUICK_AND_DEEP = {
    **{"model": "deep", "epochs": 2, "batch_size": 128, "optimizer": "adamw", "learning_rate": 0.01},
    **{"momentum": 0.9, "beta2": 0.99, "schedule": "one_cycle", "test_batch_size": 500},
}

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "A learning rate of 1.0",
        "At a hundred times the tutorial's learning rate the network learns nothing: it only guesses.",
        "The loss: it jumps up at once and then stays at 2.3, which is the loss of guessing among ten digits.",
        "Too large a step overshoots every valley. The ReLUs die, and no gradient brings them back.",
        {"learning rate 1.0": {"learning_rate": 1.0, "epochs": 1}},
        guesses,
    ),
    Experiment(
        "A learning rate of 0.0001",
        "At a hundredth of the tutorial's learning rate, one epoch teaches the network next to nothing.",
        "The loss: a straight line that barely falls.",
        "Too small a step is safe and slow: the same network would need a hundred epochs.",
        {"learning rate 0.0001": {"learning_rate": 0.0001, "epochs": 1}},
        guesses,
    ),
    Experiment(
        "Momentum of 0.99",
        "With a momentum of 0.99 the network is less accurate after one epoch than with 0.5.",
        "The loss, smoothed: it falls, overshoots and swings where the other one settles.",
        "Momentum carries 1/(1 - momentum) updates along: 100 instead of 2, as if the learning rate were 50 times as "
        "large.",
        {"0.99": {"momentum": 0.99, "epochs": 1}, "0.5": {"epochs": 1}},
        less_accurate,
    ),
    Experiment(
        "No dropout",
        "Without dropout the tutorial's network is more accurate after 3 epochs than with it.",
        "The train/test gap: with dropout the training loss stays above the test loss, without it the two meet.",
        "Dropout makes training harder and slower. It pays later, when a network begins to know its digits by heart.",
        {"none": {"dropout": 0.0}, "0.5": {}},
        more_accurate,
    ),
    Experiment(
        "A batch of 1,024",
        "With batches of 1,024 digits instead of 64, the network is less accurate after one epoch.",
        "The number of updates: 59 instead of 938. The curve is smooth and has hardly begun to fall.",
        "A large batch gives a better direction, but an epoch then has few steps: the learning rate has to grow too.",
        {"1,024": {"batch_size": 1024, "epochs": 1}, "64": {"epochs": 1}},
        less_accurate,
    ),
    Experiment(
        "Convolutions or three layers",
        "The convolutional network is more accurate after 3 epochs, with a tenth of the numbers to adjust.",
        "The accuracy of the two runs, and how many digits a second each works through.",
        "A convolution looks for the same stroke everywhere; a linear layer must learn it anew at every place.",
        {"convolutional": {}, "three layers": {"model": "mlp"}},
        more_accurate,
    ),
    Experiment(
        "Ten training images a class",
        "From 100 digits the network learns these by heart, and is still wrong on more than one test digit in ten.",
        "The training loss goes to nothing while the test loss stays up or rises: the gap is overfitting.",
        "A network that knows its training digits has not understood digits. More data cures what no setting does.",
        {
            "10 a class": {
                "digits_per_class": 10,
                "batch_size": 10,
                "epochs": 20,
                "momentum": 0.9,
                "dropout": 0.0,
                "log_interval": 1,
            }
        },
        learned_by_heart,
    ),
    Experiment(
        "What do parameters buy?",
        f"Of the same network in four widths the widest, with {SIZES[-1]:,} parameters, is more accurate than the "
        f"narrowest, with {SIZES[0]:,}; but half of what it gains is there with {SIZES[1]:,}.",
        "The accuracies of the four runs with their intervals, and the seconds that each took.",
        "Each step has about four times the parameters and takes up to three times as long; after the first, a step "
        "buys few digits or none. The preset Tiny trains the second of them for longer.",
        {f"{size:,}": {**_QUICK_AND_DEEP, "width": width} for size, width in zip(SIZES, _WIDTHS, strict=True)},
        buys_less_and_less,
    ),
)
