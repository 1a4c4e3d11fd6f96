"""A configuration as something to hand on: the query of an address, and a command line."""

import shlex
from collections.abc import Container, Mapping
from contextlib import suppress
from typing import Any

from mnist_core.config.presets import PRESETS
from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.errors import RequestError
from mnist_core.system.program import command


def to_query(config: TrainConfig) -> dict[str, str]:
    """The settings that differ from the defaults, for an address: {"learning_rate": "0.05"}."""
    defaults = TrainConfig()
    return {name: str(value) for name, value in config if value != getattr(defaults, name)}


def from_query(query: Mapping[str, str], others: Container[str] = ("run",)) -> tuple[TrainConfig, str | None]:
    """The config of an address, and one sentence on what of it could not be used, or None.

    What is unknown or out of bounds is left out, and the rest is used. The names in `others` are not for settings.
    """
    wanted = {name: text for name, text in query.items() if name not in others}
    with suppress(RequestError):
        return TrainConfig.parse(wanted), None
    used: dict[str, str] = {}
    complaints = []
    for name, text in wanted.items():
        try:
            TrainConfig.parse(used | {name: text})
        except RequestError as error:
            complaints.append(str(error).rstrip(".") if name in settings() else f"there is no setting {name!r}")
        else:
            used[name] = text
    return TrainConfig.parse(used), f"Not all of this address could be used: {'; '.join(complaints)}."


def to_command(config: TrainConfig, name: str = "") -> str:
    """The command line that trains `config`: the preset nearest to it, and an option for each setting that differs."""
    chosen, options = min(
        ((preset, _differing(config, values.config)) for preset, values in PRESETS.items()),
        key=lambda choice: len(choice[1]),  # the first of equals is the tutorial, which needs no --preset
    )
    words = [*command().split(), "train"]
    if PRESETS[chosen].values:
        words += ["--preset", chosen]
    for setting, value in options.items():
        words += [f"--{setting.replace('_', '-')}", str(value)]
    return shlex.join(words + ([f"--name={name}"] if name else []))


def _differing(config: TrainConfig, base: TrainConfig) -> dict[str, Any]:
    return {name: value for name, value in config if value != getattr(base, name)}
