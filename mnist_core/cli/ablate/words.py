"""What a person types for each change of a network, and in which order."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from typer.core import TyperCommand

from mnist_core.config.changes import (
    BITS,
    MAX_NOISE,
    MAX_VALUE,
    Change,
    DropBiases,
    Edit,
    Noise,
    Off,
    Prune,
    Round,
)
from mnist_core.errors import RequestError
from mnist_core.runs.values import reason

if TYPE_CHECKING:
    from mnist_core.models.changed import Layer

ALL = "all"  # in the place of a layer's name
_TYPED = "typed"


class InOrder(TyperCommand):
    """A command that remembers in which order its options were typed, also those of different names."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As any command, and keep what was typed."""
        ctx.meta[_TYPED] = list(args)
        return super().parse_args(ctx, args)


def in_order(context: Any, given: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The values of these options, each with its option, as they were typed."""
    values = {option: iter(its) for option, its in given.items()}
    for word in context.meta[_TYPED]:
        option = word.partition("=")[0]
        if option in values and (value := next(values[option], None)) is not None:
            yield option, value


def change(option: str, text: str, layers: "Mapping[str, Layer]") -> Change:
    """The change that `--off conv1:3,5` and the like ask for. Raises RequestError, a sentence with an example."""
    parse, example = OPTIONS[option]
    try:
        return parse(text, layers)
    except ValidationError as error:
        raise RequestError(f"{option} {text!r} does not fit ({reason(error)}): write for example {example}.") from error
    except (ValueError, TypeError) as error:
        raise RequestError(f"{option} {text!r} is not understood: write for example {example}.") from error


def _off(text: str, layers: "Mapping[str, Layer]") -> Change:
    layer, _, places = text.partition(":")
    what = layers[layer].what if layer in layers else "channels"
    return Off(layer=layer, what=what, places=tuple(dict.fromkeys(_place(each) for each in places.split(","))))


def _noise(text: str, layers: "Mapping[str, Layer]") -> Change:
    layer, (amount, *seeds) = _layer(text, layers)
    (seed,) = seeds or ["0"]
    return Noise(layer=layer, amount=float(amount), seed=int(seed))


def _round(text: str, layers: "Mapping[str, Layer]") -> Change:
    layer, (bits,) = _layer(text, layers)
    return Round.model_validate({"layer": layer, "bits": int(bits)})


def _prune(text: str, layers: "Mapping[str, Layer]") -> Change:
    layer, (share,) = _layer(text, layers)
    return Prune(layer=layer, share=float(share))


def _no_bias(text: str, layers: "Mapping[str, Layer]") -> Change:
    return DropBiases(layer=None if text == ALL else text)


def _set(text: str, layers: "Mapping[str, Layer]") -> Change:
    found = re.fullmatch(r"([\w.]+)\[([\d, ]+)\]=(.+)", text)
    if found is None:
        raise ValueError(text)
    name, index, value = found.groups()
    return Edit(parameter=name, index=tuple(_place(each) for each in index.split(",")), value=float(value))


def _layer(text: str, layers: "Mapping[str, Layer]") -> tuple[str | None, list[str]]:
    """The layer that is named first, None for all of them, and what follows between colons."""
    first, *rest = text.split(":")
    if rest and not re.fullmatch(r"[0-9.]+", first):
        return (None if first == ALL else first), rest
    return None, [first, *rest]


def _place(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text.strip()):
        raise ValueError(text)
    return int(text)


_Parse = Callable[[str, "Mapping[str, Layer]"], Change]
OPTIONS: dict[str, tuple[_Parse, str]] = {
    "--off": (_off, "--off conv1:3,5"),
    "--noise": (_noise, f"--noise conv2:0.1, above 0 and at most {MAX_NOISE:g}"),
    "--round": (_round, f"--round fc1:4 with {', '.join(map(str, BITS[:-1]))} or {BITS[-1]} bits"),
    "--prune": (_prune, "--prune 0.5, above 0 and at most 1"),
    "--no-bias": (_no_bias, "--no-bias fc1, or --no-bias all"),
    "--set": (_set, f"--set conv1.weight[0,0,2,2]=1.5, between -{MAX_VALUE:g} and {MAX_VALUE:g}"),
}
