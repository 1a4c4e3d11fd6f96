"""What a slider, an option or an error message needs to know of a hyper-parameter."""

from typing import Any, NamedTuple


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
        return f"{noun} from {self.minimum:,.12g} to {self.maximum:,.12g}"
