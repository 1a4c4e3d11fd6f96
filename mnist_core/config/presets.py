"""Presets: settings that belong together, by name. `--preset NAME`, and the choice above the sliders."""

from typing import Any, NamedTuple

from mnist_core.config.train_config import NOT_DECISIVE, TrainConfig
from mnist_core.errors import RequestError

_LEFT_OPEN = {*NOT_DECISIVE, "validation_size"}  # whatever they are, it is the same preset


class Preset(NamedTuple):
    """Settings that belong together; what is not named keeps its default."""

    title: str
    description: str
    values: dict[str, Any]

    @property
    def config(self) -> TrainConfig:
        """The whole config."""
        return TrainConfig.parse(self.values)

    def settings(self) -> dict[str, Any]:
        """All settings that decide what is learned; not the seed, the device and what only changes how it is shown."""
        return self.config.model_dump(exclude=_LEFT_OPEN)


PRESETS: dict[str, Preset] = {
    "tutorial": Preset("Tutorial", "The PyTorch MNIST tutorial's settings: about 97 % in 3 epochs.", {}),
    "fast": Preset(
        "Fast",
        "99 % as soon as possible: one epoch of the compact network.",
        {
            "model": "compact",
            "epochs": 1,
            "batch_size": 256,
            "optimizer": "adamw",
            "learning_rate": 0.015,
            "momentum": 0.7,
            "beta2": 0.9,
            "schedule": "one_cycle",
            "label_smoothing": 0.2,
        },
    ),
    "best": Preset(
        "Best",
        "The most accurate network that trains in ten minutes on two processor cores.",
        {
            "model": "deep",
            "epochs": 25,
            "batch_size": 128,
            "optimizer": "adamw",
            "learning_rate": 0.01,
            "momentum": 0.9,
            "beta2": 0.99,
            "schedule": "one_cycle",
            "weight_decay": 0.05,
            "label_smoothing": 0.1,
            "augmentation": "elastic",
            "augmentation_strength": 0.7,
            "weight_averaging": 0.998,
            "test_batch_size": 500,  # four views of 1,000 digits at once no longer fit the cache: twice the time
        },
    ),
}
# For what people draw: `best`, warped further, and beside MNIST's digits some in styles and with pens MNIST has not.
PRESETS["people"] = Preset(
    "People",
    "For digits that people draw: Best, with styles that MNIST lacks (hooked ones, crossed sevens) mixed in.",
    PRESETS["best"].values | {"epochs": 30, "augmentation_strength": 1.0, "synthetic_digits": 50_000},
)
# The augmentation's strength was chosen among 0.2, 0.4 and 0.7 by 10,000 validation digits (61, 58 and 48 wrong after
# 10 epochs, one seed each: within luck). Weight decay and label smoothing, less than in `best`, are a guess.
PRESETS["tiny"] = Preset(
    "Tiny",
    "As accurate as can be with fewer than 10,000 parameters: Best's network at a quarter of its width.",
    PRESETS["best"].values | {"width": 0.24, "epochs": 30, "weight_decay": 0.01, "label_smoothing": 0.0},
)


def find(name: str) -> Preset:
    """The preset of this name. Raises RequestError where there is none."""
    if name not in PRESETS:
        raise RequestError(f"preset must be one of {', '.join(PRESETS)}; {name!r} was given.")
    return PRESETS[name]


def preset_of(config: TrainConfig) -> str | None:
    """The name of the preset that `config` follows, or None."""
    own = config.model_dump(exclude=_LEFT_OPEN)
    return next((name for name, preset in PRESETS.items() if preset.settings() == own), None)
