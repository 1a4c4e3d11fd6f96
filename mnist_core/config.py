"""Every hyper-parameter once: default, bounds, step and one line of help.

Sliders (`ui/settings.py`), command-line options (`cli.py`) and validation all follow from `TrainConfig`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mnist_core.errors import RequestError

ModelName = Literal["cnn", "mlp"]


class Network(NamedTuple):
    """What a person reads about a network (built in `models.py`; here, so that a page need not import torch)."""

    title: str
    description: str
    parameters: int  # a test counts them


NETWORKS: dict[ModelName, Network] = {
    "cnn": Network("Convolutional", "Two 5x5 convolutions and two linear layers: the tutorial's network.", 21_840),
    "mlp": Network("Three layers", "Three linear layers, 784 to 256 to 128 to 10: sees no neighbourhoods.", 235_146),
}

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
        description="How often the network sees all 60,000 training digits.",
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
        0, ge=0, le=256, title="Threads", description="Processor threads to compute with; 0 is one a core."
    )

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


class Setting(NamedTuple):
    """What a slider, an option or an error message needs to know of one hyper-parameter."""

    name: str
    kind: type
    default: Any
    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[Any, ...] = ()

    @property
    def bounds(self) -> str:
        """The admitted values in words."""
        if self.kind is str:
            return f"one of {', '.join(self.choices)}"
        noun = "a whole number" if self.kind is int else "a number"
        return f"{noun} from {self.minimum:,} to {self.maximum:,}"


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
    name = str(first["loc"][0]) if first["loc"] else "settings"
    if first["type"] == "extra_forbidden":
        return f"There is no setting {name!r}; the settings are {', '.join(settings())}."
    return f"{name} must be {settings()[name].bounds}; {first['input']!r} was given."
