"""Every hyper-parameter once: default, bounds, step and one line of help.

Sliders (`ui/train/settings_form.py`), command-line options (`cli/options.py`) and validation all follow from
`TrainConfig`.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mnist_core.config.conflicts import Conflict, find_conflict
from mnist_core.config.networks import NETWORKS, ModelName, Size
from mnist_core.config.setting import Setting
from mnist_core.errors import RequestError

TRAIN_SIZE = 60_000  # digits that may be trained on
TEST_SIZE = 10_000
# How a training runs, when it ends, and what is looked at: they do not decide what an update does.
NOT_DECISIVE = frozenset(
    {"seed", "device", "threads", "kernels", "log_interval", "test_batch_size", "patience", "answer_with"}
)
OptimizerName = Literal["sgd", "adam", "adamw"]
ScheduleName = Literal["constant", "cosine", "one_cycle"]
AugmentationName = Literal["none", "affine", "elastic"]
PrecisionName = Literal["float32", "bfloat16"]
KernelsName = Literal["auto", "pytorch"]
AnswerName = Literal["last", "best"]
DeviceName = Literal["auto", "cuda", "mps", "cpu"]


class TrainConfig(BaseModel):
    """The settings of one training. The defaults are those of the PyTorch MNIST tutorial."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelName = Field("cnn", title="Network", description="The network that is trained.")
    epochs: int = Field(
        3,
        ge=1,
        le=100,
        title="Epochs",
        description="How often the network sees all its training digits.",
        json_schema_extra={"choices": [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100]},
    )
    learning_rate: float = Field(
        0.01,
        ge=1e-6,
        le=10,
        title="Learning rate",
        description="How far each update moves the weights: too small learns slowly, too large never settles.",
        json_schema_extra={"choices": [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]},
    )
    momentum: float = Field(
        0.5,
        ge=0,
        le=0.99,
        title="Momentum",
        description="How much of the last update is carried into the next: 0 is none.",
        json_schema_extra={"step": 0.01},
    )
    batch_size: int = Field(
        64,
        ge=1,
        le=10_000,
        title="Batch size",
        description="How many digits each update looks at.",
        json_schema_extra={"choices": [16, 32, 64, 128, 256, 512, 1024]},
    )
    test_batch_size: int = Field(
        1000,
        ge=1,
        le=10_000,
        title="Test batch size",
        description="How many test digits are evaluated at once; it changes the speed, not the result.",
    )
    log_interval: int = Field(
        10, ge=1, le=10_000, title="Log interval", description="A point on the training curve every so many batches."
    )
    optimizer: OptimizerName = Field(
        "sgd",
        title="Optimizer",
        description="How gradients become updates: plain SGD with momentum, or Adam's step of each weight's own size.",
    )
    beta2: float = Field(
        0.999,
        ge=0.5,
        le=0.9999,
        title="Second momentum",
        description="Adam's memory of squared gradients (its beta2); SGD has none. Momentum is its beta1.",
        json_schema_extra={"choices": [0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999]},
    )
    schedule: ScheduleName = Field(
        "constant",
        title="Schedule",
        description="How the learning rate goes over the training: constant, falling as a cosine, or up and then down.",
    )
    dropout: float = Field(
        0.5,
        ge=0,
        le=0.9,
        title="Dropout",
        description="The share of values that the convolutional network leaves out at random as it trains; 0 is none.",
        json_schema_extra={"step": 0.05},
    )
    width: float = Field(
        1.0,
        ge=0.1,
        le=2,
        title="Width",
        description="How many channels the deep network's convolutions have: this times 24, 48 and 96.",
        json_schema_extra={"choices": [0.12, 0.24, 0.5, 0.75, 1.0, 1.33, 2.0]},
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Weight decay",
        description="How strongly weights are pulled towards zero; 0 is not at all.",
        json_schema_extra={"choices": [0.0, 1e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1]},
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        le=0.5,
        title="Label smoothing",
        description="The share of each label spread over all digits, against overconfidence; 0 is none.",
        json_schema_extra={"step": 0.05},
    )
    augmentation: AugmentationName = Field(
        "none",
        title="Augmentation",
        description="Show every digit a little turned, scaled, sheared and moved (affine), or bent as well (elastic).",
    )
    augmentation_strength: float = Field(
        1.0,
        ge=0.1,
        le=2,
        title="Augmentation strength",
        description="How far augmentation goes: at 1 up to 15 degrees, 15 % larger or smaller and 2.5 pixels aside.",
        json_schema_extra={"choices": [0.2, 0.4, 0.7, 1.0, 1.4, 2.0]},
    )
    synthetic_digits: int = Field(
        0,
        ge=0,
        le=100_000,
        title="Synthetic digits",
        description="So many digits drawn by a program, in styles MNIST lacks, are trained on beside the 60,000.",
        json_schema_extra={"choices": [0, 5000, 10_000, 20_000, 30_000, 50_000, 100_000]},
    )
    weight_averaging: float = Field(
        0.0,
        ge=0,
        le=0.9999,
        title="Weight averaging",
        description="Test and keep a running average of the weights, with this much of it kept at each step; 0 is off.",
        json_schema_extra={"choices": [0.0, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999]},
    )
    precision: PrecisionName = Field(
        "float32",
        title="Precision",
        description="The numbers that the network computes with: 32 bits, or 16 where the processor gains by it.",
    )
    digits_per_class: int = Field(
        0,
        ge=0,
        le=5000,
        title="Digits of each class",
        description="Train on only the first so many zeros, ones, and so on, to see what little data does; 0 is all.",
        json_schema_extra={"choices": [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]},
    )
    validation_size: int = Field(
        0,
        ge=0,
        le=20_000,
        title="Validation digits",
        description="So many of the 60,000 are held out and tested after each epoch, to choose settings by.",
        json_schema_extra={"choices": [0, 1000, 5000, 10_000, 20_000]},
    )
    patience: int = Field(
        0,
        ge=0,
        le=100,
        title="Patience",
        description="End early when the validation accuracy has not risen for so many epochs; 0 is never.",
        json_schema_extra={"choices": [0, 1, 2, 3, 5, 10]},
    )
    answer_with: AnswerName = Field(
        "last",
        title="Answer with",
        description="Which epoch's weights answer once it has trained: the last, or the best by validation digits.",
    )
    seed: int = Field(
        1,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="Start of all randomness: the same seed gives the same training.",
    )
    device: DeviceName = Field(
        "auto", title="Device", description="Where it is computed; auto takes CUDA, then MPS, then the CPU."
    )
    threads: int = Field(
        0,
        ge=0,
        le=256,
        title="Threads",
        description="Processor threads; 0 is one a core, fewer while other programs want it.",
    )
    kernels: KernelsName = Field(
        "auto",
        title="Convolutions",
        description="Auto compiles the tutorial network's convolutions for this processor; pytorch takes PyTorch's.",
    )

    @property
    def train_size(self) -> int:
        """How many digits an epoch sees: those taken from the 60,000, and the synthetic ones."""
        own = 10 * self.digits_per_class or TRAIN_SIZE - self.validation_size
        return own + self.synthetic_digits

    @property
    def network_size(self) -> Size:
        """Parameters of the network, and what it costs to train."""
        return NETWORKS[self.model].size(self.width)

    @property
    def steps_per_epoch(self) -> int:
        """Updates an epoch makes; the last may be on fewer digits."""
        return -(-self.train_size // self.batch_size)

    def hash(self) -> str:
        """Names the settings: those that differ from the defaults, so that a setting added later changes no name.

        The number of epochs is left out: a run that is continued for more keeps its name.
        """
        fields = type(self).model_fields
        own = {name: value for name, value in self if name != "epochs" and value != fields[name].default}
        return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:16]

    def conflict(self) -> Conflict | None:
        """The first of the settings that exclude each other, or None; asked of `model_construct`ed settings too."""
        return find_conflict(self, TRAIN_SIZE)

    @model_validator(mode="after")
    def _settings_agree(self) -> "TrainConfig":
        if found := self.conflict():
            raise ValueError(found.sentence)
        return self

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> "TrainConfig":
        """Build a config from names and values (numbers may be text, as from a command line or a URL).

        Raises RequestError: one sentence that names the setting, its bounds and what was given.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise RequestError(_sentence(error)) from error

    def replace(self, **changes: Any) -> "TrainConfig":
        """A copy with some settings changed, checked like `parse`."""
        return self.parse({**self.model_dump(), **changes})


@cache
def settings() -> dict[str, Setting]:
    """The hyper-parameters of `TrainConfig` by name, in the order they are declared."""
    found = {}
    for name, field in TrainConfig.model_fields.items():
        limits = {type(m).__name__: m for m in field.metadata}
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        literals = get_args(field.annotation)
        kind: type = str if literals else field.annotation  # type: ignore[assignment]
        found[name] = Setting(
            name,
            kind,
            field.default,
            field.title or name,
            field.description or "",
            minimum=kind(limits["Ge"].ge) if "Ge" in limits else None,
            maximum=kind(limits["Le"].le) if "Le" in limits else None,
            step=extra.get("step", 1 if kind is int else None),  # type: ignore[arg-type]
            choices=tuple(literals or extra.get("choices", ())),  # type: ignore[arg-type]
        )
    return found


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    if not first["loc"]:
        return str(first["ctx"]["error"])
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return f"There is no setting {name!r}; the settings are {', '.join(settings())}."
    return f"{name} must be {settings()[name].bounds}; {first['input']!r} was given."
