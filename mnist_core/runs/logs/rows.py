"""The rows of metrics.jsonl and events.jsonl: what one must have and may say. Others are left out.

What a row says besides is left out too: it is of a later version.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mnist_core.runs.values import Count, Epoch, Loss, Momentum, Rate, Share, Time

Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]{1,60}$")]  # of a layer, a quantity, an event


class _Metrics(BaseModel):
    """A logged update, or a test. (What is there is no None: the defaults stand for what is not.)"""

    model_config = ConfigDict(strict=True)

    step: Count
    epoch: Epoch
    samples_seen: Count
    train_loss: Loss = 0.0
    learning_rate: Rate = 0.0
    momentum: Momentum = 0.0
    layers: Annotated[dict[Label, dict[Label, float]], Field(max_length=100)] = {}
    test_loss: Loss = 0.0
    test_accuracy: Share = 0.0
    validation_loss: Loss = 0.0
    validation_accuracy: Share = 0.0

    @model_validator(mode="after")
    def _tests_are_whole(self) -> "_Metrics":
        for split in ("test", "validation"):
            if len({f"{split}_loss", f"{split}_accuracy"} & self.model_fields_set) == 1:
                raise ValueError("half a test")
        return self


_NEEDED = {
    "rates": {"learning_rate", "old_learning_rate", "momentum", "old_momentum"},
    "epochs": {"epochs", "old_epochs"},
    "threads": {"threads"},
    "out_of_patience": {"epochs"},
}


class _Event(BaseModel):
    """Something that was done to the run."""

    model_config = ConfigDict(strict=True)

    at: Time
    step: Count
    event: Label
    steps: Count = 0
    learning_rate: Rate = 0.0
    old_learning_rate: Rate = 0.0
    momentum: Momentum = 0.0
    old_momentum: Momentum = 0.0
    epochs: Epoch = 0
    old_epochs: Epoch = 0
    threads: Annotated[int, Field(ge=1, le=4096)] = 1

    @model_validator(mode="after")
    def _changes_are_whole(self) -> "_Event":
        if not _NEEDED.get(self.event, set()) <= self.model_fields_set:
            raise ValueError("half a change")
        return self


def best_validated(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The test with the highest validation accuracy, the earliest of equals; the untrained network's is none of them.

    None where no digits were held out, or no epoch is complete.
    """
    tests = (row for row in rows if row["epoch"] and "validation_accuracy" in row)
    return max(tests, key=lambda row: (row["validation_accuracy"], -row["epoch"]), default=None)


def good_metrics(values: Iterable[Any]) -> list[dict[str, Any]]:
    """The rows of metrics.jsonl among `values`, as they are; of the numbers a layer, those that are finite."""
    rows = _good(_Metrics, values)
    for row in rows:
        if "layers" in row:
            row["layers"] = {
                layer: {name: number for name, number in numbers.items() if math.isfinite(number)}
                for layer, numbers in row["layers"].items()
            }
    return rows


def good_events(values: Iterable[Any]) -> list[dict[str, Any]]:
    """The rows of events.jsonl among `values`, as they are."""
    return _good(_Event, values)


def _good(model: type[BaseModel], values: Iterable[Any]) -> list[dict[str, Any]]:
    found = []
    for value in values:
        try:
            model.model_validate(value)
        except ValidationError:
            continue
        found.append({name: part for name, part in value.items() if name in model.model_fields})
    return found
