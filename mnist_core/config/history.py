"""Which settings came with later versions: what a config.json may lack, and what it has lost."""

from collections.abc import Mapping
from typing import Any

from mnist_core.config.train_config import TrainConfig

# Settings that came with later versions, the earliest first: a config.json of an earlier one lacks them.
_LATER = (
    "optimizer beta2 schedule weight_decay label_smoothing augmentation weight_averaging precision validation_size",
    "dropout digits_per_class",
    "synthetic_digits",
    "augmentation_strength",
    "kernels",
)


def lost_settings(values: Mapping[str, Any]) -> str | None:
    """The first setting that `values`, read from a config.json, must have had and has not; None where there is none."""
    later = [names.split() for names in _LATER]
    newest = max((age for age, names in enumerate(later, 1) if any(name in values for name in names)), default=0)
    may_lack = {name for names in later[newest:] for name in names}
    return next((name for name in TrainConfig.model_fields if name not in values and name not in may_lack), None)
