"""A report's facts as the template shows them: texts, tables and charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from mnist_core.config.changes import in_words
from mnist_core.config.networks import NETWORKS
from mnist_core.config.sharing import to_command
from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.data import mnist
from mnist_core.data.picture import data_address
from mnist_core.evaluation import calibration
from mnist_core.evaluation.statistics import accuracy_sentence, plural, share
from mnist_core.export.about import failure, moment
from mnist_core.export.report import figures
from mnist_core.export.report.facts import Facts
from mnist_core.runs.logs import events
from mnist_core.runs.logs.metrics import Curves
from mnist_core.runs.records import Status
from mnist_core.system.program import VERSION, command

MISTAKES = 24  # shown, the largest loss first
_DEEPEST = 0.6  # of the colour behind the most frequent confusion: text stays readable on it
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class RunView:
    """One run's part."""

    called: str
    id: str
    note: str
    tags: Sequence[str]
    headline: str  # accuracy with its interval
    about: Rows  # what, and its value
    check: str
    changed: Rows  # setting, value, default
    defaults: str  # the other settings, in a line
    loss: str  # SVG, as the other charts
    accuracy: str
    untrained: str  # what is left out of that
    confusion: list[list[tuple[int, float]]]  # count and depth of its colour, rows the true digit
    confused: str
    mistakes: list[tuple[str, str, str, str]]  # address, alternative text, caption, where
    mistakes_count: int
    reliability: str
    calibration: list[str]
    robustness: list[tuple[str, str, str]]
    robustness_command: str
    events: Rows  # when, step, what
    machine: Rows
    commands: Rows  # command, what it does


def of_run(facts: Facts) -> RunView:
    """One run as it is shown."""
    answers, run = facts.answers, facts.run
    changed, defaults = _settings(facts.record.config)
    return RunView(
        called=facts.called,
        id=run.id,
        note=run.note(),
        tags=facts.entry.tags,
        headline=accuracy_sentence(answers.correct, len(answers)),
        about=_about(facts),
        check=_check(facts),
        changed=changed,
        defaults=defaults,
        loss=figures.loss(facts),
        accuracy=figures.accuracy(facts),
        untrained=_untrained(facts.curves),
        confusion=_confusion(answers.confusion),
        confused=_confused(answers.confusion),
        mistakes=_mistakes(facts),
        mistakes_count=len(answers.mistakes),
        reliability=figures.reliability(facts),
        calibration=_calibration(facts),
        robustness=figures.robustness(facts),
        robustness_command=f"{command()} robustness {run.id}",
        events=[(_when(event["at"]), f"{event['step']:,}", events.in_words(event)) for event in facts.events],
        machine=_machine(facts),
        commands=_commands(facts),
    )


def _about(facts: Facts) -> Rows:
    record, status = facts.record, facts.status
    network = NETWORKS[record.config.model]
    state = f"{status.state.capitalize()}, after {plural(status.epoch, 'epoch')} and {status.step:,} updates"
    rows: Rows = [
        ("Run", facts.run.id),
        ("Network", f"{network.title}, {record.config.network_size.parameters:,} weights. {network.description}"),
        ("State", f"{state}. {failure(status)}".removesuffix(". ")),
        ("Answers", f"with the weights {moment(facts.epoch, record)}"),
        ("Trained", f"{_when(record.created)}, {status.train_seconds:,.1f} s of training, {_digits(facts)}"),
        ("Mistakes", f"{len(facts.answers.mistakes):,} of {len(facts.answers):,} test digits"),
        ("Test loss", f"{facts.answers.loss:.4f} (mean over {len(facts.answers):,} test digits)"),
    ]
    held_out = record.config.validation_size
    if held_out and status.validation_accuracy is not None:
        correct = round(status.validation_accuracy * held_out)
        rows.append(("Last validation", accuracy_sentence(correct, held_out, "validation digits")))
    if record.parent:
        rows.append(("Began with", f"the weights of {record.parent}"))
    if record.changes:
        rows.append(("Changed", in_words(record.changes)))
    if record.sweep:
        rows.append(("Sweep", f"{record.sweep}, trial {record.trial}"))
    return rows


def _digits(facts: Facts) -> str:
    config = facts.record.config
    return f"{facts.status.samples_seen:,} digits seen, {config.train_size:,} in an epoch"


def _check(facts: Facts) -> str:
    return f"{facts.check.sentence} Held against each other: the answers that the training kept, and the weights' own."


def _settings(config: TrainConfig) -> tuple[Rows, str]:
    changed: Rows = []
    others = []
    for setting in settings().values():
        value = getattr(config, setting.name)
        if value != setting.default:
            changed.append((setting.label, shown(value), shown(setting.default)))
        else:
            others.append(f"{setting.label.lower()} {shown(value)}")
    return changed, ", ".join(others)


def shown(value: Any) -> str:
    """A setting's value."""
    return f"{value:g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _untrained(curves: Curves) -> str:
    samples, values = curves["test_accuracy"]
    if not len(samples) or samples[0]:
        return ""
    return f"Before the first update it was {share(float(values[0]))}, which is left out."


def _confusion(confusion: np.ndarray) -> list[list[tuple[int, float]]]:
    mistakes = confusion.copy()
    np.fill_diagonal(mistakes, 0)
    depth = _DEEPEST * np.sqrt(mistakes / max(mistakes.max(), 1))
    return [[(int(confusion[i, j]), float(depth[i, j])) for j in range(10)] for i in range(10)]


def _confused(confusion: np.ndarray) -> str:
    mistakes = confusion.copy()
    np.fill_diagonal(mistakes, 0)
    largest = np.argsort(-mistakes, axis=None, kind="stable")[:3]
    named = [(*divmod(int(place), 10), int(mistakes.flat[place])) for place in largest]
    told = "; ".join(f"{true} read as {read}, {plural(count, 'time')}" for true, read, count in named if count)
    return f"Most often: {told}." if told else "There is no mistake."


def _mistakes(facts: Facts) -> list[tuple[str, str, str, str]]:
    answers, images = facts.answers, mnist.load_arrays("test").images
    found = []
    for index in answers.mistakes[:MISTAKES]:
        caption = f"{answers.labels[index]} read as {answers.predicted[index]}"
        sure = share(float(answers.confidence[index]))
        alt = f"Test digit {index}: {caption}, probability {sure}"
        found.append((data_address(images[index]), alt, caption, f"#{index}, {sure}"))
    return found


def _calibration(facts: Facts) -> list[str]:
    answers, fit = facts.answers, facts.fit
    right = answers.predicted == answers.labels
    sure = {"as given": answers.confidence}
    if fit:
        sure["with temperature"] = np.exp(calibration.scale(answers.log_probabilities, fit.temperature).max(1))
    told = []
    for name, probability in sure.items():
        error = calibration.expected_calibration_error(calibration.bins(probability, right))
        chance = calibration.error_by_chance(probability)
        told.append(
            f"Expected calibration error {name}: {share(error, 2)} ({len(right):,} test digits, {calibration.BINS} "
            f"bins; a perfectly calibrated network would stay below {share(chance, 2)} 19 times in 20)."
        )
    if fit:
        told.append(
            f"Temperature {fit.temperature:.2f} ({fit.n:,} held-out digits, 95 % interval {fit.low:.2f} to "
            f"{fit.high:.2f}): scores are divided by it, and the digit answered stays the same."
        )
    elif not facts.record.config.validation_size:
        told.append("It held out no validation digits, so no temperature can be fitted.")
    return told


def _machine(facts: Facts) -> Rows:
    record, status = facts.record, facts.status
    rows: Rows = [
        ("Device", f"{record.device or 'not known'}, {plural(record.threads, 'thread') if record.threads else ''}"),
        ("Versions", _versions(record.versions)),
    ]
    rows += [("Earlier sessions", _versions(versions)) for versions in record.earlier_versions]
    rows += [
        ("Data", f"MNIST (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0), fingerprint {record.data}"),
        ("Last weights", _hash(status)),
        ("This report", f"MNIST lab {VERSION}, {_when(datetime.now(UTC).timestamp())}"),
    ]
    return [(what, value.rstrip(", ")) for what, value in rows]


def _hash(status: Status) -> str:
    """Of the weights that the training came to, which need not be those that answer."""
    if not status.weights_hash:
        return "no hash: it is not at rest"
    return f"SHA-256 {status.weights_hash}, after {plural(status.epoch, 'epoch')} and {status.step:,} updates"


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items()) or "not known"


def _commands(facts: Facts) -> Rows:
    record, run = facts.record, facts.run
    config = record.config.replace(threads=record.threads) if record.threads else record.config
    rows: Rows = []
    if record.changes and not facts.status.step:
        verify = "Makes the changes again, to the weights that it began with, and compares the weights to the bit."
    elif record.parent:
        what = "start" if record.changes else "start and drawings"
        verify = f"Trains it again from its own {what}, and compares the weights: only this repeats it."
    else:
        same = "On the same machine, with the same versions, it ends in the same weights."
        changed = {event["event"] for event in facts.events}
        if changed & {"rates", "epochs"}:
            same = "What was changed meanwhile is not in it."
        elif "threads" in changed:
            same = "The number of threads changed meanwhile, and so the last bits: verify repeats that."
        elif facts.status.failure == "diverged":
            same = f"This run failed after {plural(facts.status.step, 'update')}: expect the same of it."
        elif facts.status.state != "finished":
            same = f"It trains to the end; this run came as far as {plural(facts.status.step, 'update')}."
        rows.append((to_command(config, "" if run.is_shipped else run.name()), f"Trains it anew. {same}"))
        verify = "Trains it again, with what was changed meanwhile, and compares the weights to the bit."
    rows.append((f"{command()} verify {run.id}", verify))
    rows.append((f"{command()} test {run.id}", "Asks its weights the test digits again."))
    return rows


def _when(seconds: float) -> str:
    then = datetime.fromtimestamp(seconds, UTC)
    return f"{then.day} {then:%b %Y, %H:%M} UTC"
