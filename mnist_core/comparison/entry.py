"""A run as a table lists it: what its files say in a few values, and the names of those values."""

from collections.abc import Callable, Sequence
from functools import cache, cached_property, partial
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from mnist_core.config.changes import in_words
from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TEST_SIZE, TrainConfig, settings
from mnist_core.errors import DamagedError
from mnist_core.evaluation.statistics import Interval, wilson
from mnist_core.runs import manifest, store
from mnist_core.runs.logs.rows import best_validated, good_metrics
from mnist_core.runs.records import Record, State, Status
from mnist_core.runs.run import Notes, Run
from mnist_core.system.files import read_json_lines

Value = float | str | bool | None
_DEFAULTS = TrainConfig().model_dump()


class Best(NamedTuple):
    """The epoch with the highest validation accuracy, the earliest of equals."""

    epoch: int
    validation_accuracy: float
    test_accuracy: float | None  # of the same epoch: a report


class Entry(BaseModel):
    """A run, in a line of a table. What is not known is None; of a damaged run that may be all but its id."""

    model_config = ConfigDict(frozen=True)

    run: str  # its id
    state: State | Literal["damaged"]
    damage: str | None = None  # why it cannot be read, as a sentence
    created: float | None = None  # seconds since the epoch
    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    kept: bool = False
    imported: float | None = None  # when it came from elsewhere, in seconds since the epoch
    changed: dict[str, int | float | str] = {}  # the settings that are not the defaults
    parent: str | None = None  # the run whose weights it began with
    changes: str = ""  # that were made to those weights, in words
    epoch: int | None = None  # epochs completed
    samples_seen: int = 0
    train_seconds: float | None = None
    test_accuracy: float | None = None  # 0 to 1, of the last test
    validation_accuracy: float | None = None
    best: Best | None = None  # None where no digits were held out: the test digits are not to choose by

    @cached_property
    def settings(self) -> dict[str, Any]:
        """All settings; empty where config.json is damaged."""
        return {} if self.created is None else _DEFAULTS | self.changed

    @property
    def parameters(self) -> int | None:
        """How many numbers its network has learned."""
        its = self.settings
        return NETWORKS[its["model"]].size(its["width"]).parameters if its else None

    @property
    def where(self) -> Run:
        """The run itself."""
        return Run(store.runs_folder() / self.run)

    def test_interval(self) -> Interval | None:
        """Of the last test accuracy, 95 %."""
        return _interval(self.test_accuracy, TEST_SIZE)

    def validation_interval(self, accuracy: float | None) -> Interval | None:
        """Of an accuracy on the validation digits, 95 %."""
        return _interval(accuracy, self.settings.get("validation_size", 0))


def read(run: Run) -> Entry:
    """What the run's files say now. A damaged run is an entry too."""
    try:
        record = run.record()
    except DamagedError as error:
        return Entry(run=run.id, state="damaged", damage=str(error), **_noted(run.notes()))
    status, notes = run.status(), run.notes()
    best, why = None, status.damage
    if why is None and record.config.validation_size:
        try:
            best = _best(run)
        except DamagedError as error:
            why = str(error)
    return Entry(
        run=run.id,
        state=status.state if why is None else "damaged",
        damage=why,
        **{"name": record.name, **_noted(notes)},
        **_of(record, status),
        best=best,
    )


def _of(record: Record, status: Status) -> dict[str, Any]:
    names = ("epoch", "samples_seen", "train_seconds", "test_accuracy", "validation_accuracy")
    found = {} if status.damage else {name: getattr(status, name) for name in names}
    known: dict[str, Any] = {"created": record.created, "imported": record.imported and record.imported.at}
    known |= {"parent": record.parent, "changes": in_words(record.changes) if record.changes else ""}
    return known | {"changed": record.config.model_dump(exclude_defaults=True), **found}


def _noted(notes: Notes) -> dict[str, Any]:
    said = notes.model_dump(exclude_unset=True)
    return {"kept" if name == "keep" else name: value for name, value in said.items()}


def _best(run: Run) -> Best | None:
    """Only the lines of tests are parsed: a curve has a hundred others an epoch. Raises DamagedError."""
    path = run.path / "metrics.jsonl"
    manifest.check(path)
    best = best_validated(good_metrics(read_json_lines(path, only=b'"validation_accuracy"')[0]))
    return None if best is None else Best(best["epoch"], best["validation_accuracy"], best.get("test_accuracy"))


def _interval(accuracy: float | None, n: int) -> Interval | None:
    return None if accuracy is None or not n else wilson(round(accuracy * n), n)


class Column(NamedTuple):
    """A value of every run: what `--sort`, a filter and a CSV file call it by its name in `columns()`."""

    title: str
    value: Callable[[Entry], Value | tuple[str, ...]]
    kind: Literal["number", "text", "words", "time", "yes or no"]
    about: str = ""


_OWN = {
    "run": Column("Run", lambda e: e.run, "text", "Its id."),
    "name": Column("Name", lambda e: e.name, "text"),
    "created": Column("Started", lambda e: e.created, "time"),
    "state": Column("State", lambda e: e.state, "text"),
    "epoch": Column("Epoch", lambda e: e.epoch, "number", "Epochs completed."),
    "best_validation_accuracy": Column(
        "Best validation",
        lambda e: e.best and e.best.validation_accuracy,
        "number",
        "The highest accuracy on the digits held out for choosing, over the epochs.",
    ),
    "best_epoch": Column("Best epoch", lambda e: e.best and e.best.epoch, "number", "By the validation digits."),
    "best_test_accuracy": Column(
        "Test then", lambda e: e.best and e.best.test_accuracy, "number", "Test accuracy after the best epoch."
    ),
    "validation_accuracy": Column(
        "Last validation", lambda e: e.validation_accuracy, "number", "After the last epoch."
    ),
    "test_accuracy": Column(
        "Test", lambda e: e.test_accuracy, "number", "Accuracy on the 10,000 test digits after the last epoch."
    ),
    "train_seconds": Column("Seconds", lambda e: e.train_seconds, "number", "Spent on training, tests left out."),
    "parameters": Column("Parameters", lambda e: e.parameters, "number"),
    "parent": Column("Began with", lambda e: e.parent, "text", "The run whose weights it began with."),
    "changes": Column("Changes", lambda e: e.changes or None, "text", "Made to the weights that it began with."),
    "tag": Column("Tags", lambda e: e.tags, "words"),
    "kept": Column("Kept", lambda e: e.kept, "yes or no", "A kept run cannot be deleted."),
    "imported": Column("Imported", lambda e: e.imported, "time", "When it came from elsewhere, in a ZIP file."),
    "note": Column("Note", lambda e: e.note, "text"),
}


@cache
def columns() -> dict[str, Column]:
    """Every value of a run by its name: its own ones, and its settings."""
    found = dict(_OWN)
    for name, setting in settings().items():
        found[name] = Column(
            setting.label,
            partial(_setting, name),
            "text" if setting.kind is str else "number",
            setting.help,
        )
    return found


def _setting(name: str, entry: Entry) -> Value:
    value: Value = entry.settings.get(name)
    return value


def differing(entries: Sequence[Entry]) -> list[str]:
    """The settings in which these runs are not all alike, in the order of `TrainConfig`."""
    readable = [entry.changed for entry in entries if entry.created is not None]
    named = {name for changed in readable for name in changed}
    return [name for name in _DEFAULTS if name in named and len({c.get(name, _DEFAULTS[name]) for c in readable}) > 1]
