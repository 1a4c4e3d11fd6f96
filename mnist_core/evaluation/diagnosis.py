"""What went wrong in a training, why one may say so, and the settings that mend it.

Rules of thumb on a run's own numbers. Most turn on the effective rate, learning rate / (1 - momentum): how far SGD
moves in the end along a direction that stays the same. The bounds were set on this project's networks; a test provokes
each rule with a real training, and trains again with its cure.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean, median
from typing import Any, NamedTuple

from mnist_core.config.learning_rates import GOOD, smaller_rate
from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TEST_SIZE, TrainConfig, settings
from mnist_core.evaluation.statistics import share
from mnist_core.runs.records import Record, Status

GUESSING = math.log(10)  # the loss of an even guess among ten digits
LARGE = {"sgd": 0.5, "adam": 0.02, "adamw": 0.02}  # an effective rate from which it may be at fault (Adam: the rate)
FEW_UPDATES = 300


class Finding(NamedTuple):
    """One thing that went wrong."""

    rule: str  # its name, for example "diverging"
    title: str
    reason: str  # with the numbers that made the rule fire
    cure: dict[str, Any]  # changes to `TrainConfig`
    cure_label: str  # for a button


def diagnose(
    record: Record, status: Status, rows: Sequence[dict[str, Any]], events: Iterable[dict[str, Any]] = ()
) -> list[Finding]:
    """The findings on a run, whatever its state, the gravest first; often none.

    `rows` are those of metrics.jsonl, `events` those of events.jsonl (`Run.events`).
    """
    case = _Case(record, status, rows)
    grave = (_rate_too_large, _rate_too_small, _held_down)
    spoilt = next((finding for rule in grave for finding in rule(case)), None)
    found = [spoilt] if spoilt else list(_overfitting(case)) or list(_too_few_epochs(case))
    changed = sum(event["event"] == "rates" for event in events)
    if changed and spoilt:
        times = "once" if changed == 1 else f"{changed} times"
        found[0] = spoilt._replace(reason=f"{spoilt.reason} The rates were changed {times} while it trained.")
    return found + list(_dead_units(case))


class _Case:
    """A run's numbers, as the rules look at them."""

    def __init__(self, record: Record, status: Status, rows: Sequence[dict[str, Any]]) -> None:
        config = record.config
        now = {name: getattr(status, name) for name in ("learning_rate", "momentum")}  # as changed in flight
        self.config: TrainConfig = config.replace(**{name: value for name, value in now.items() if value is not None})
        self.status = status
        self.steps = [row for row in rows if "train_loss" in row]
        self.tests = [row for row in rows if "test_loss" in row and row["epoch"] > 0]
        losses = [row["train_loss"] for row in self.steps]
        size = max(5, len(losses) // 10)
        self.means = [fmean(losses[i : i + size]) for i in range(0, len(losses) - size + 1, size)]  # smoothed
        self.updates = max(status.step, rows[-1]["step"] if rows else 0)
        sgd = config.optimizer == "sgd"
        self.rate = self.config.learning_rate / (1 - self.config.momentum if sgd else 1)
        kind = "effective rate, learning rate / (1 - momentum)," if sgd else "learning rate"
        self.rate_in_words = f"the {kind} is {self.rate:.2g}"

    def finding(self, rule: str, title: str, reason: str, **cure: Any) -> Finding:
        """With the cure in words."""
        told = [
            f"{settings()[name].label} {_shown(value)} instead of {_shown(getattr(self.config, name))}"
            for name, value in cure.items()
        ]
        if cure == {"digits_per_class": 0}:  # 0 stands for all
            told = [f"All training digits instead of {self.config.train_size:,}"]
        return Finding(rule, title, reason, cure, ", ".join(told))


def _rate_too_large(case: _Case) -> Iterator[Finding]:
    config, means = case.config, case.means
    if case.status.failure == "diverged":
        rule, title = "diverging", "It diverged"
        reason = f"The loss is no longer a number after {case.status.step:,} updates"
    elif len(means) > 1 and means[-1] > max(1.5 * min(means), 1.2 * GUESSING):
        rule, title = "diverging", "It diverges"
        reason = f"The training loss has risen to {means[-1]:.3g}; guessing costs {GUESSING:.1f}"
    elif _near_chance(case) and case.rate > LARGE[config.optimizer]:
        rule, title = "learned_nothing", "It has learned nothing"
        reason = _at_chance(case)
    else:
        return
    reason += f", and {case.rate_in_words}."
    is_momentums = config.optimizer == "sgd" and case.rate > LARGE["sgd"] >= 2 * config.learning_rate
    if is_momentums:  # with the default momentum of 0.5, this learning rate would do
        momentum = max(0.0, math.floor(10 * (1 - config.learning_rate / 0.2) + 1e-6) / 10)
        yield case.finding("momentum_too_large", "Too much momentum for this rate", reason, momentum=momentum)
    else:
        yield case.finding(rule, title, reason, learning_rate=smaller_rate(case.config, config.learning_rate / 10))


def _rate_too_small(case: _Case) -> Iterator[Finding]:
    means, small = case.means, GOOD[case.config.optimizer] / 10
    if case.updates < FEW_UPDATES or len(means) < 2 or case.rate > small:
        return
    fallen = 1 - means[-1] / means[0]
    if fallen < 0.15 and means[-1] > GUESSING / 2:
        yield case.finding(
            "rate_too_small",
            "Learning rate too small",
            f"In {case.updates:,} updates the training loss went from {means[0]:.2f} to {means[-1]:.2f}, "
            f"and {case.rate_in_words}.",
            learning_rate=smaller_rate(case.config, 100 * case.config.learning_rate),
        )


def _held_down(case: _Case) -> Iterator[Finding]:
    """Neither rate nor time is to blame, and yet it guesses."""
    if not _near_chance(case) or case.updates < 3 * FEW_UPDATES:
        return
    for name, most in (("weight_decay", 0.01), ("dropout", 0.5)):
        value, default = getattr(case.config, name), settings()[name].default
        acts = name != "dropout" or NETWORKS[case.config.model].has_dropout
        if acts and value > most:
            what = settings()[name].label.lower()
            reason = f"{_at_chance(case)}, and the {what} of {value:g} outweighs what it learns."
            yield case.finding("learned_nothing", "It has learned nothing", reason, **{name: default})


def _overfitting(case: _Case) -> Iterator[Finding]:
    name = "validation_loss" if all("validation_loss" in test for test in case.tests) else "test_loss"
    if len(case.tests) < 3:
        return
    best, last = min(case.tests, key=lambda test: test[name]), case.tests[-1]
    then, now = (_train_loss(case, test["epoch"]) for test in (best, last))
    risen = last[name] - best[name]
    if last["epoch"] < best["epoch"] + 2 or risen < max(0.02, 0.1 * best[name]) or not now < then:
        return
    config, what = case.config, name.replace("_", " ")
    if config.digits_per_class:
        cure: dict[str, Any] = {"digits_per_class": 0}
    elif NETWORKS[config.model].has_dropout and config.dropout < 0.5:
        cure = {"dropout": 0.5}
    else:
        cure = {"augmentation": "affine"} if config.augmentation == "none" else {"weight_decay": 5e-4}
    yield case.finding(
        "overfitting",
        "Overfitting",
        f"The {what} was lowest after epoch {best['epoch']}, {best[name]:.3f}, and is {last[name]:.3f} now, while the "
        f"training loss went on falling, from {then:.3f} to {now:.3f}: it learns its digits by heart.",
        **cure,
    )


def _too_few_epochs(case: _Case) -> Iterator[Finding]:
    config, tests = case.config, case.tests
    if case.status.state != "finished" or not tests:
        return
    title = "Too few epochs"
    if case.updates < FEW_UPDATES and tests[-1]["test_accuracy"] < 0.8:
        wanted = math.ceil(1000 / config.steps_per_epoch)
        reason = f"{_accuracy(tests[-1])} are correct, after only {case.updates:,} updates."
    elif len(tests) > 1 and config.schedule == "constant":
        gained = tests[-1]["test_accuracy"] - tests[-2]["test_accuracy"]
        if gained < 0.015:  # the tutorial gains 0.8 points in its third and last epoch
            return
        wanted = 2 * config.epochs
        reason = f"It still improves: the last epoch gained {100 * gained:.1f} points, to {_accuracy(tests[-1])}."
    else:
        return
    epochs = next((choice for choice in settings()["epochs"].choices if choice >= wanted), 100)
    if epochs > config.epochs:
        yield case.finding("too_few_epochs", title, reason, epochs=epochs)


def _dead_units(case: _Case) -> Iterator[Finding]:
    measured = [row["layers"] for row in case.steps if "layers" in row][-5:]  # a single batch may be a small one
    shares = {
        layer: median(layers[layer]["dead_share"] for layers in measured)
        for layer in (measured[-1] if measured else ())
        if all("dead_share" in layers.get(layer, {}) for layers in measured)
    }
    if not shares or max(shares.values()) < 0.25:  # healthy trainings here have at most 0.1
        return
    layer = max(shares, key=shares.__getitem__)
    yield case.finding(
        "dead_units",
        "Dead units",
        f"{share(shares[layer], 0)} of the units of {layer} answer 0 to every digit of a batch, so they no longer "
        f"learn; {case.rate_in_words}.",
        learning_rate=smaller_rate(case.config, case.config.learning_rate / 5),
    )


def _near_chance(case: _Case) -> bool:
    return bool(case.tests) and case.tests[-1]["test_accuracy"] < 0.2


def _at_chance(case: _Case) -> str:
    return f"{_accuracy(case.tests[-1])} are correct, guessing gives 10 %"


def _train_loss(case: _Case, epoch: int) -> float:
    """The mean training loss logged during the epoch that ended as number `epoch`; NaN where its rows are lost."""
    losses = [row["train_loss"] for row in case.steps if row["epoch"] == epoch - 1]
    return fmean(losses) if losses else math.nan


def _accuracy(test: dict[str, Any]) -> str:
    return f"{share(test['test_accuracy'])} of {TEST_SIZE:,} test digits"


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
