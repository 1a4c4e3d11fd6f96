"""What a written program says of itself first: of which run it is, what came of that, and what is promised of it."""

import re
import textwrap
import time

from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.statistics import accuracy_sentence, plural
from mnist_core.export.about import failure, moment
from mnist_core.export.script.recipe import Recipe
from mnist_core.export.written import Check
from mnist_core.jobs.changed_run import origin
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run
from mnist_core.system.program import command

WIDTH = 110
TITLE = "An MNIST classifier in plain PyTorch, as it was trained once."


def paragraphs(run: Run, recipe: Recipe, epoch: int, answers: Answers, check: Check | None) -> list[str]:
    """In words; `answers` are those of the epoch that answers."""
    found = [what(run, recipe), accuracy(recipe, epoch, answers)]
    if check is not None:
        found[-1] += f" {check.sentence} (This program's network with the run's weights, in a process of its own.)"
    return [*found, promise(recipe), _limits()]


def docstring(title: str, usage: str, words: list[str]) -> str:
    """As it begins a program, with an empty line after it; nothing in it ends the string."""
    parts = [_filled(title), usage, *map(_filled, words)]
    text = "\n\n".join(part for part in parts if part).replace("\\", "/").replace('"""', "'''")
    return f'"""{text}' + ("\n" if "\n" in text else "") + '"""\n\n'


def _filled(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_on_hyphens=False, break_long_words=False)


def markdown(title: str, words: list[str]) -> str:
    """As it stands in a notebook: what somebody named the run makes no heading, link, picture or formula."""
    return "\n\n".join([f"# {title}", *map(_escaped, words)])


def _escaped(words: str) -> str:
    parts = re.split(r"(`[^`]*`)", words)  # a command stays as it is
    return "".join(part if part.startswith("`") else re.sub(r"([\\<>\[\]*_#|!$])", r"\\\1", part) for part in parts)


def what(run: Run, recipe: Recipe) -> str:
    """Which run it is, when it began, and what was done to it."""
    record, status = recipe.record, recipe.status
    name = f' "{found}"' if (found := re.sub(r'["`]', "'", run.name())) else ""
    started = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(record.created))
    text = f"This is run {run.id}{name} of mnist-lab, started on {started}."
    if record.changes:
        text += f" It was not trained from its settings: it is {origin(record)}."
    elif record.parent is not None:
        text += f" It goes on from the weights of run {record.parent}, on drawings of its own."
    if recipe.changed_rates:
        times = plural(len(recipe.changed_rates), "time")
        text += f" Somebody changed its rates {times} while it trained; here they change after the same updates."
    if status.state != "finished":
        text += f" {_broken_off(status)}"
    return text


def _broken_off(status: Status) -> str:
    made = plural(status.step, "update")
    if status.state != "failed":
        return f"It had made {made} and was not finished; this trains to the end."
    expected = "Expect the same of this program." if status.failure == "diverged" else "This trains to the end."
    reason = failure(status).replace("`", "'")
    return f"It failed after {made}. {reason} {expected}"


def accuracy(recipe: Recipe, epoch: int, answers: Answers) -> str:
    """That of the epoch that answers, with its interval."""
    return f"Test accuracy {moment(epoch, recipe.record)}: {accuracy_sentence(answers.correct, len(answers))}."


def promise(recipe: Recipe) -> str:
    """In which weights it ends, and which command of ours ends in the same."""
    record = recipe.record
    threads = plural(recipe.threads, "thread") if recipe.threads else "as many threads"
    text = (
        "It draws the same numbers in the same order as mnist-lab with plain PyTorch: on the same machine, with the "
        f"same versions and {threads}, it ends in the same weights, to the bit."
    )
    if recipe.sha256:
        version = record.versions.get("torch", "of an unknown version")
        return f"{text} The run was trained so, with torch {version}: its weights have SHA-256 {recipe.sha256}."
    if record.device not in (None, "cpu"):
        return f"{text} The run was trained on {record.device}, where sums have no fixed order: expect no equal bits."
    if "compiled" in (record.versions.get("kernels"), *(old.get("kernels") for old in record.earlier_versions)):
        config = recipe.config.replace(kernels="pytorch", threads=recipe.threads or 0)
        again = f" `{_train(config)}` ends in those of this program."
        return (
            f"{text} The run itself was trained by convolutions compiled for its processor, which are faster and round "
            f"otherwise: its own last bits are others.{again if recipe.is_repeatable else ''}"
        )
    return f"{text} Of the run itself too little is known to promise its own last bits."


def _train(config: TrainConfig) -> str:
    """The command that trains with these settings."""
    options = [
        f"--{name.replace('_', '-')} {value}"
        for name, value in config.model_dump().items()
        if value != settings()[name].default
    ]
    return " ".join([command(), "train", *options])


def _limits() -> str:
    return (
        "What cannot be equal: another processor, another version of PyTorch or another number of threads rounds sums "
        "in another order. The accuracy is then about the same, the last bits are not."
    )
