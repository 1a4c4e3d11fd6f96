"""Which settings came with which version: what a config.json may lack, and what it has lost.

Closed: runs made since have a manifest, which sees any loss, so a new setting need not be named here.
"""

from collections.abc import Mapping
from typing import Any

# The settings of the first version, then those that each later one brought.
_VERSIONS = (
    "model epochs learning_rate momentum batch_size test_batch_size log_interval seed device threads",
    "optimizer beta2 schedule weight_decay label_smoothing augmentation weight_averaging precision validation_size",
    "dropout digits_per_class",
    "synthetic_digits",
    "augmentation_strength",
    "kernels",
)


def lost_settings(values: Mapping[str, Any]) -> str | None:
    """The first setting that `values`, read from a config.json, must have had and has not; None where there is none.

    It is of the latest version of which it has any setting, and must have those of all versions up to that one.
    """
    versions = [names.split() for names in _VERSIONS]
    newest = max((age for age, names in enumerate(versions) if any(name in values for name in names)), default=0)
    return next((name for names in versions[: newest + 1] for name in names if name not in values), None)
