"""What a sweep searches: for each setting of `TrainConfig` a range with bounds, or choices.

As text, for the command line: `learning_rate=0.001..0.3:log`, `momentum=0..0.95`, `model=cnn,mlp`, or the name alone
for its usual range. `:7` at the end gives a grid seven points of a range (5 where it is left out).
"""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import NOT_DECISIVE, TrainConfig, settings
from mnist_core.errors import RequestError

MAX_CHOICES, MAX_POINTS = 100, 100
Value = float | int | str
NO_RANGE = NOT_DECISIVE | {"validation_size"}  # they do not decide how well a training learns
# Where the usual range is not the setting's own bounds: lowest, highest, logarithmic.
_USUAL: dict[str, tuple[float, float, bool]] = {
    "epochs": (1, 10, False),
    "learning_rate": (0.001, 0.5, True),
    "momentum": (0, 0.95, False),
    "beta2": (0.9, 0.999, False),
    "dropout": (0, 0.7, False),
    "width": (0.12, 1.33, True),
    "weight_decay": (1e-5, 0.1, True),
    "label_smoothing": (0, 0.2, False),
    "augmentation_strength": (0.2, 2, False),
}
# Settings that matter only where another one has, or has not, some value.
_ONLY_WITH = {
    "beta2": ("optimizer", ("adam", "adamw")),
    "augmentation_strength": ("augmentation", ("affine", "elastic")),
    "dropout": ("model", tuple(str(name) for name, network in NETWORKS.items() if network.has_dropout)),
    "width": ("model", tuple(str(name) for name, network in NETWORKS.items() if network.has_width)),
}


class Range(BaseModel):
    """The values of one setting: from `low` to `high`, both included, or one of `choices`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float | None = None
    high: float | None = None
    log: bool = False  # sampled evenly by its logarithm
    points: int = Field(5, ge=2, le=MAX_POINTS)  # of a grid
    choices: tuple[Value, ...] = Field((), max_length=MAX_CHOICES)

    def ends(self) -> tuple[Value, ...]:
        """The choices, or the lowest and the highest value."""
        return self.choices or (self.low or 0.0, self.high or 0.0)

    def at(self, name: str, place: float) -> Value:
        """The value at `place`, 0 to less than 1, of the range of the setting `name`."""
        if self.choices:
            return self.choices[min(int(place * len(self.choices)), len(self.choices) - 1)]
        low, high = self.low or 0.0, self.high or 0.0
        is_int = settings()[name].kind is int
        if is_int:  # each whole number has an equal part
            low, high = low - 0.5 * (not self.log), high + 0.5 * (not self.log)
        value = math.exp(math.log(low) + place * math.log(high / low)) if self.log else low + place * (high - low)
        if is_int:
            return int(min(max(round(value), self.low or 0), self.high or 0))
        return min(max(value, low), high)

    def grid(self, name: str) -> tuple[Value, ...]:
        """The values that a grid takes of this range."""
        if self.choices:
            return self.choices
        low, high, n = self.low or 0.0, self.high or 0.0, self.points
        shares = [i / (n - 1) for i in range(n)]
        values = [low * (high / low) ** s if self.log else low + s * (high - low) for s in shares]
        values[-1] = high
        if settings()[name].kind is int:
            return tuple(dict.fromkeys(round(value) for value in values))
        return tuple(dict.fromkeys(float(f"{value:.6g}") for value in values))


Space = dict[str, Range]


def searchable() -> list[str]:
    """The settings that a sweep can search, in the order of `TrainConfig`."""
    return [name for name in settings() if name not in NO_RANGE]


def usual_range(name: str) -> Range:
    """The range that a setting is searched in where nothing else is said; logarithmic where that fits.

    Raises RequestError where there is no such setting, or where it has no range.
    """
    refuse_unknown(name)
    setting = settings()[name]
    if name in _USUAL:
        low, high, log = _USUAL[name]
        return Range(low=low, high=high, log=log)
    if name == "digits_per_class":  # more are not there beside validation digits
        return Range(choices=tuple(count for count in setting.choices if count <= 2000))
    return Range(choices=setting.choices)


def refuse_unknown(name: str) -> None:
    """Raises RequestError where there is no setting `name`, or where it cannot be searched."""
    if name not in settings():
        raise RequestError(f"There is no setting {name!r} to search; there are {', '.join(searchable())}.")
    if name in NO_RANGE:
        raise RequestError(f"{name} has no range to search: choose among {', '.join(searchable())}.")


def parse(text: str) -> tuple[str, Range]:
    """A setting and its range from text such as `learning_rate=0.001..0.3:log`.

    Raises RequestError, one sentence, where it cannot be understood or leaves the setting's bounds.
    """
    name, equals, said = text.partition("=")
    name = name.strip().replace("-", "_")
    refuse_unknown(name)
    if not equals:
        return name, usual_range(name)
    words, *options = said.strip().split(":")
    if ".." not in words:
        if options:
            raise RequestError(f"{text!r} is not understood: {options[0]!r} belongs to a range such as 0.001..0.3.")
        return name, checked(name, Range(choices=tuple(_value(name, word) for word in words.split(","))))
    low, _, high = words.partition("..")
    more: dict[str, Any] = {}
    for option in options:
        if option == "log":
            more["log"] = True
        elif option.isdecimal() and 2 <= int(option) <= MAX_POINTS:
            more["points"] = int(option)
        else:
            raise RequestError(
                f"{text!r} is not understood: after a range stands `log`, or the points of a grid (2 to {MAX_POINTS})."
            )
    if settings()[name].kind is str:
        raise RequestError(f"{name} has no range but choices: {name}={','.join(map(str, settings()[name].choices))}.")
    return name, checked(name, Range(low=_value(name, low), high=_value(name, high), **more))


def checked(name: str, wanted: Range) -> Range:
    """The range, where the setting admits all of it. Raises RequestError, one sentence, where it does not."""
    refuse_unknown(name)
    if wanted.choices:
        values = tuple(_value(name, choice) for choice in wanted.choices)
        if len(set(values)) < len(values):
            raise RequestError(f"{name} is given the same choice twice: name each once.")
        return Range(choices=values)
    if settings()[name].kind is str:
        raise RequestError(f"{name} has no range but choices: {', '.join(map(str, settings()[name].choices))}.")
    if wanted.low is None or wanted.high is None:
        raise RequestError(f"{name} needs a lowest and a highest value, such as {as_text(name, usual_range(name))}.")
    low, high = _value(name, wanted.low), _value(name, wanted.high)
    if not float(low) < float(high):
        raise RequestError(f"The range of {name} must rise: {wanted.low:g} is not below {wanted.high:g}.")
    if wanted.log and float(low) <= 0:
        raise RequestError(f"A logarithmic range of {name} must begin above 0.")
    return Range(low=float(low), high=float(high), log=wanted.log, points=wanted.points)


def as_text(name: str, said: Range) -> str:
    """The text that `parse` reads."""
    if said.choices:
        return f"{name}={','.join(map(str, said.choices))}"
    points = f":{said.points}" if said.points != Range().points else ""
    return f"{name}={said.low:.12g}..{said.high:.12g}{':log' if said.log else ''}{points}"


def refuse_disagreement(space: Mapping[str, Range], config: TrainConfig) -> None:
    """Raises RequestError where a searched value excludes a fixed setting, or where it would make no difference."""
    for name, said in space.items():
        for value in said.ends():
            config.replace(**{name: int(value) if settings()[name].kind is int else value})
        if name in _ONLY_WITH:
            other, needed = _ONLY_WITH[name]
            possible = space[other].choices if other in space else (getattr(config, other),)
            if not set(possible) & set(needed):
                raise RequestError(
                    f"Searching {name} makes no difference while {other} is {' or '.join(map(str, possible))}: "
                    f"leave it out, or set {other} to {' or '.join(needed)}."
                )


def grid_point(space: Mapping[str, Range], place: int) -> dict[str, Value]:
    """The point at `place`, from 0, of the grid over the space: the last setting changes first."""
    found: dict[str, Value] = {}
    for name, said in reversed(list(space.items())):
        values = said.grid(name)
        place, at = divmod(place, len(values))
        found[name] = values[at]
    return {name: found[name] for name in space}


def grid_size(space: Mapping[str, Range]) -> int:
    """How many points the grid has, without making them."""
    return math.prod(len(said.grid(name)) for name, said in space.items())


def _value(name: str, given: Value) -> Value:
    """The value as its setting has it, within the setting's bounds. Raises RequestError where it is not."""
    text: Any = given.strip() if isinstance(given, str) else given
    value: Value = getattr(TrainConfig.parse({name: text}), name)
    return value
