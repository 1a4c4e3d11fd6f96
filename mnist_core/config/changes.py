"""What can be changed in a trained network, one change after the other (`models/changed.py` carries it out)."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from mnist_core.errors import RequestError

MOST = 100  # changes of one network
MAX_NOISE, MAX_VALUE = 10.0, 1000.0  # beyond them nothing is to be learned, and answers are no numbers any more
BITS = (8, 4, 2, 1)

LayerName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]{1,60}$")]  # as in the network's `named_modules`
Place = Annotated[int, Field(ge=0, lt=100_000)]


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _OfLayer(_Change):
    layer: LayerName | None = None  # None: every layer that has weights

    @property
    def _where(self) -> str:
        return self.layer or "all layers"


class Off(_Change):
    """Channels of a convolution, or units of a linear layer, answer 0 whatever they see."""

    kind: Literal["off"] = "off"
    layer: LayerName
    what: Literal["channels", "units"] = "channels"  # what they are called there
    places: Annotated[tuple[Place, ...], Field(min_length=1, max_length=2000)]  # from 0

    def __str__(self) -> str:
        what = self.what if len(self.places) > 1 else self.what[:-1]
        return f"{self.layer} {what} {','.join(map(str, self.places))} off"


class Noise(_OfLayer):
    """Normal noise on the weights; `amount` is its standard deviation, in those of the layer's weights."""

    kind: Literal["noise"] = "noise"
    amount: float = Field(gt=0, le=MAX_NOISE)
    seed: int = Field(0, ge=0, le=2**31 - 1)

    def __str__(self) -> str:
        return f"{self._where} with noise {self.amount:g} (seed {self.seed})"


class Round(_OfLayer):
    """The weights in so many bits each."""

    kind: Literal["round"] = "round"
    bits: Literal[8, 4, 2, 1]

    def __str__(self) -> str:
        return f"{self._where} in {self.bits} bit{'' if self.bits == 1 else 's'}"


class Prune(_OfLayer):
    """This share of the weights, those nearest to 0, is 0."""

    kind: Literal["prune"] = "prune"
    share: float = Field(gt=0, le=1)

    def __str__(self) -> str:
        return f"{self._where} pruned by {100 * self.share:g} %"


class DropBiases(_OfLayer):
    """The biases are 0."""

    kind: Literal["no-bias"] = "no-bias"

    def __str__(self) -> str:
        return f"{self._where} without biases"


class Edit(_Change):
    """One number is another."""

    kind: Literal["set"] = "set"
    parameter: LayerName  # as in the network's `named_parameters`, for example "conv1.weight"
    index: Annotated[tuple[Place, ...], Field(min_length=1, max_length=8)]
    value: float = Field(ge=-MAX_VALUE, le=MAX_VALUE)

    def __str__(self) -> str:
        return f"{self.parameter}[{','.join(map(str, self.index))}] set to {self.value:g}"


Change = Annotated[Off | Noise | Round | Prune | DropBiases | Edit, Field(discriminator="kind")]
Changes = tuple[Change, ...]


def in_words(changes: Sequence[Change]) -> str:
    """For example "conv1 channels 3,5 off; fc1 in 4 bits", in the order in which they were made."""
    return "; ".join(map(str, changes)) or "unchanged"


def refuse_too_many(changes: Sequence[Change]) -> None:
    """Raises RequestError where there are more than `MOST`."""
    if len(changes) > MOST:
        raise RequestError(f"A network takes at most {MOST} changes; these are {len(changes)}.")
