"""What a script must do to end in a run's weights: its settings, and what was done to it while it trained.

The same that `jobs/verification.py` replays in memory, as constants.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mnist_core.config.changes import in_words
from mnist_core.config.networks import deep_channels
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import MEAN, STD
from mnist_core.errors import RequestError
from mnist_core.export.script.template import literal, table
from mnist_core.runs.records import Record, Status
from mnist_core.runs.run import Run
from mnist_core.training.early_stopping import EVENT

Events = list[dict[str, Any]]


def refuse_changed(run: Run) -> None:
    """Raises RequestError for a network that was changed by hand: its weights are not what a training ended in."""
    record = run.record()
    if record.changes:
        raise RequestError(
            f"{run.id} was changed by hand ({in_words(record.changes)}), which no script of a training tells: take "
            f"that of {record.parent}, or another format, for example safetensors, onnx, keras or html."
        )


@dataclass(frozen=True)
class Recipe:
    """One run, as far as a script needs it."""

    run: str  # its id
    record: Record
    status: Status
    events: Events

    @classmethod
    def of(cls, run: Run) -> "Recipe":
        """Raises FailedError where the run's files are damaged."""
        return cls(run.id, run.record(), run.status(), run.events())

    @property
    def config(self) -> TrainConfig:
        """The settings; the rates are those that it began with."""
        return self.record.config

    @property
    def threads(self) -> int | None:
        """What it computed with at first; None where nobody noted it."""
        return self.record.threads or self.config.threads or None

    @cached_property
    def changed_rates(self) -> dict[int, tuple[float, float]]:
        """Learning rate and momentum that were set after so many updates."""
        return {
            event["step"]: (event["learning_rate"], event["momentum"]) for event in self._all("rates")
        }  # of several after one update the last counts

    @cached_property
    def changed_threads(self) -> dict[int, int]:
        """Threads that it went on with after so many updates."""
        return {event["step"]: event["threads"] for event in self._all("threads")}

    @cached_property
    def changed_epochs(self) -> dict[int, int]:
        """Epochs that it was given in all after so many updates."""
        return {event["step"]: event["epochs"] for event in self._all("epochs")}

    @cached_property
    def first_epochs(self) -> int:
        """Epochs that it was to train when it began."""
        return next((event["old_epochs"] for event in self._all("epochs")), self.config.epochs)

    @cached_property
    def went_on_after(self) -> list[int]:
        """Epochs after which it was out of patience, and was let go on."""
        return [event["epochs"] for event in self._all(EVENT) if event["step"] < self.status.step]

    @property
    def is_repeatable(self) -> bool:
        """Whether its settings say all: it began anew, did not fail, and nothing was changed while it trained."""
        changed = self.changed_rates or self.changed_threads or self.changed_epochs or self.went_on_after
        return not changed and self.record.parent is None and self.status.state != "failed"

    def _all(self, kind: str) -> Events:
        return [event for event in self.events if event["event"] == kind]

    @cached_property
    def sha256(self) -> str | None:
        """Of the weights that the script is to end in; None where its last bits may be others for a known reason."""
        record, status = self.record, self.status
        is_plain = record.versions.get("kernels") == "pytorch" and not record.earlier_versions
        is_whole = status.state == "finished" and record.device == "cpu" and self.threads is not None
        return status.weights_hash if is_plain and is_whole else None

    @cached_property
    def uses(self) -> frozenset[str]:
        """Words for what the run uses: the marks of the lines that its script has (`template.py`)."""
        c = self.config
        schedule, rates = c.schedule != "constant", bool(self.changed_rates)
        longer = schedule and bool(self.changed_epochs)
        momentum = c.optimizer != "sgd" or c.momentum > 0 or rates
        judged = c.patience > 0 or c.answer_with == "best"
        words = {
            c.model: True,
            c.optimizer: True,
            c.schedule: True,
            c.augmentation: True,
            c.precision: True,
            "momentum": momentum,
            "sgd_with_momentum": c.optimizer == "sgd" and momentum,
            "sgd_alone": not momentum,
            "decay": c.weight_decay > 0,
            "dropout": c.model == "cnn" and c.dropout > 0,
            "smoothing": c.label_smoothing > 0,
            "averaging": c.weight_averaging > 0,
            "augmentation": c.augmentation != "none",
            "resample": c.augmentation != "none" or c.model == "deep",
            "blocks": c.model in ("compact", "deep"),
            "schedule": schedule,
            "schedule_as_planned": schedule and not longer,
            "schedule_and_rates": schedule and rates,
            "schedule_alone": schedule and not rates,
            "longer": longer,
            "rates": rates,
            "rates_of_sgd": rates and c.optimizer == "sgd",
            "rates_of_adam": rates and c.optimizer != "sgd",
            "changed_threads": bool(self.changed_threads),
            "changes": rates or longer or bool(self.changed_threads),
            "threads": self.threads is not None,
            "validation": c.validation_size > 0,
            "validation_shown": c.validation_size > 0 and not judged,
            "patience": c.patience > 0,
            "patience_alone": c.patience > 0 and not self.went_on_after,
            "patience_not_best": c.patience > 0 and c.answer_with == "last",
            "went_on": c.patience > 0 and bool(self.went_on_after),
            "best": c.answer_with == "best",
            "few": c.digits_per_class > 0,
            "synthetic": c.synthetic_digits > 0,
            "own": self.record.is_fine_tuned,
            "beside": c.synthetic_digits > 0 or self.record.is_fine_tuned,
            "device": self.record.device not in (None, "cpu"),
            "cuda_dropout": self.record.device == "cuda" and c.model == "cnn" and c.dropout > 0,
            "validation_on_device": self.record.device not in (None, "cpu") and c.validation_size > 0,
            "promised": self.sha256 is not None,
        }
        return frozenset(word for word, is_used in words.items() if is_used)

    @cached_property
    def values(self) -> dict[str, str]:
        """The Python text of every $name in `parts/`; those of the networks and the augmentation need torch."""
        from mnist_core.data import augmentation
        from mnist_core.models import networks

        c = self.config
        device = literal(self.record.device or "cpu")
        numbers: dict[str, object] = {
            **{name: getattr(c, name) for name in ("epochs", "batch_size", "test_batch_size", "log_interval")},
            **{name: getattr(c, name) for name in ("learning_rate", "momentum", "beta2", "weight_decay", "dropout")},
            **{name: getattr(c, name) for name in ("label_smoothing", "validation_size", "patience")},
            **{"digits_per_class": c.digits_per_class, "seed": c.seed, "threads": self.threads},
            **{"averaging": c.weight_averaging, "strength": c.augmentation_strength, "mean": MEAN, "std": STD},
            **{name: getattr(augmentation, name.upper()) for name in ("rotation", "scale", "shear", "shift", "bend")},
            **{"knots": augmentation.KNOTS, "margin": networks.MARGIN, "views": networks.Deep.VIEWS},
            **dict(zip(("first", "second", "third"), deep_channels(c.width), strict=True)),
            **{"first_epochs": self.first_epochs, "went_on_after": self.went_on_after},
        }
        averages = c.weight_averaging > 0
        return {name: repr(value) for name, value in numbers.items()} | {
            "run": literal(self.run),
            "sha256": literal(self.sha256 or ""),
            "device": device,
            "answering": "average.module" if averages else "model",
            "trained": "groups" if c.weight_decay else "model.parameters()",
            "changed_rates": table(self.changed_rates),
            "changed_threads": table(self.changed_threads),
            "changed_epochs": table(self.changed_epochs),
        }
