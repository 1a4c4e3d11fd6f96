"""The plan of a sweep: what is fixed, what is searched, how long, how, and by how many workers."""

import os
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.runs.values import reason
from mnist_core.sweeps import space
from mnist_core.sweeps.space import Range, Space, Value
from mnist_core.system.plain_text import checked_name

VALIDATION_SIZE = 10_000  # digits held out where nothing else is said
MAX_GRID = 1_000_000  # points: of more than MAX_TRIALS a part is trained
MAX_TRIALS, MAX_MINUTES, MAX_SEEDS, MAX_WORKERS, MAX_FIELDS = 10_000, 60_000, 20, 64, 12
SamplerName = Literal["tpe", "grid", "random", "quasi-random"]
PrunerName = Literal["none", "median", "halving", "hyperband"]
SAMPLERS: dict[SamplerName, str] = {
    "tpe": "learns from the trials so far where good values lie (tree-structured Parzen estimator)",
    "grid": "every combination of a few values of each setting",
    "random": "values drawn independently of one another",
    "quasi-random": "values spread evenly over the ranges (a scrambled Sobol sequence)",
}
PRUNERS: dict[PrunerName, str] = {
    "none": "every trial trains to its end",
    "median": "ends a trial that is below the median of the others after the same epoch",
    "halving": "after 1, 2, 4, ... epochs only the better half goes on (asynchronous successive halving)",
    "hyperband": "several such halvings that begin to end trials at different epochs",
}


def default_workers() -> int:
    """One a core."""
    import joblib

    return min(joblib.cpu_count(), os.cpu_count() or 1, MAX_WORKERS)


class SweepPlan(BaseModel):
    """What a sweep does. It travels with the study, so that a worker anywhere finds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", max_length=60)
    config: TrainConfig  # the settings that are not searched; its validation digits decide
    space: Space
    trials: int | None = Field(None, ge=1, le=MAX_TRIALS)  # None: as many as fit into the minutes
    minutes: float | None = Field(None, gt=0, le=MAX_MINUTES)  # no trial begins later
    sampler: SamplerName = "tpe"
    pruner: PrunerName = "none"
    seeds: int = Field(1, ge=1, le=MAX_SEEDS)  # trainings a trial; the objective is their mean
    workers: int = Field(default_factory=default_workers, ge=1, le=MAX_WORKERS)  # at once, on the sweep's own machine
    sampler_seed: int = Field(1, ge=0, le=2**31 - 1)
    grace_seconds: int = Field(60, ge=2, le=3600)  # a worker that a database has not heard of for so long has died
    artifacts: str | None = Field(None, max_length=1000)  # where other machines leave their runs

    @model_validator(mode="after")
    def _agrees(self) -> "SweepPlan":
        checked_name(self.name)
        if not self.space:
            raise RequestError("Say what to search: at least one setting, such as learning_rate.")
        if len(self.space) > MAX_FIELDS:
            raise RequestError(f"Search at most {MAX_FIELDS} settings at once; these are {len(self.space)}.")
        for name, said in self.space.items():
            space.checked(name, said)
        if self.sampler == "grid" and (size := space.grid_size(self.space)) > MAX_GRID:
            raise RequestError(
                f"The grid has {size:,} points, and can have {MAX_GRID:,}: search fewer settings, take fewer points of "
                "a range, or take another sampler."
            )
        if self.config.validation_size == 0:
            raise RequestError(
                "A sweep chooses by validation digits: validation_size must be at least 1 "
                f"({VALIDATION_SIZE:,} where it is left out)."
            )
        space.refuse_disagreement(self.space, self.config)
        if self.trials is None and self.minutes is None and self.sampler != "grid":
            raise RequestError("Say how many trials, or for how many minutes.")
        if self.pruner != "none" and self.most_epochs < 2:
            raise RequestError("Pruning compares trials after each epoch: train at least 2, or prune none.")
        if self.config.seed + self.seeds > 2**31 - 1:
            raise RequestError("seed leaves no room for the seeds of a trial: choose a smaller one.")
        return self

    @property
    def most_epochs(self) -> int:
        """The most epochs that a trial trains."""
        searched = self.space.get("epochs")
        return max(int(end) for end in searched.ends()) if searched else self.config.epochs

    @property
    def slots(self) -> int | None:
        """How many trials there are to be in all; None: as many as fit into the minutes."""
        if self.sampler != "grid":
            return self.trials
        return min(space.grid_size(self.space), self.trials or MAX_TRIALS)

    @property
    def most_slots(self) -> int:
        """How many trials there can be, when some are added: a grid ends."""
        return min(space.grid_size(self.space), MAX_TRIALS) if self.sampler == "grid" else MAX_TRIALS

    def point(self, slot: int) -> dict[str, Value] | None:
        """The values of the trial with this number, from 0; None where the sampler learns from earlier trials."""
        if self.sampler == "tpe":
            return None
        if self.sampler == "grid":
            size = space.grid_size(self.space)
            order = np.random.default_rng(self.sampler_seed).permutation(size)  # a part of it is spread
            return space.grid_point(self.space, int(order[slot % size]))
        places = np.random.default_rng([self.sampler_seed, slot]).random(len(self.space))
        if self.sampler == "quasi-random":
            from scipy.stats.qmc import Sobol

            sequence = Sobol(len(self.space), scramble=True, rng=self.sampler_seed)
            places = sequence.fast_forward(slot).random(1)[0] if slot else sequence.random(1)[0]
        return {
            name: said.at(name, float(place)) for (name, said), place in zip(self.space.items(), places, strict=True)
        }

    def trial_config(self, values: Mapping[str, Any], seed: int) -> TrainConfig:
        """The settings of a trial's training number `seed`, from 0: one thread, where nothing else was said.

        Raises RequestError where the values exclude each other.
        """
        return self.config.replace(**values, seed=self.config.seed + seed, threads=self.config.threads or 1)


def parse(values: Mapping[str, Any]) -> SweepPlan:
    """A plan from names and values; its `config` may be a dict, without validation digits too, then it gets 10,000.

    Raises RequestError, one sentence, where it is none.
    """
    given = dict(values)
    if isinstance(given.get("config"), Mapping):
        given["config"] = TrainConfig.parse({"validation_size": VALIDATION_SIZE, **given["config"]})
    try:
        if isinstance(given.get("space"), Mapping):
            ranges = {name: Range.model_validate(said) for name, said in given["space"].items()}
            given["space"] = {name: space.checked(name, said) for name, said in ranges.items()}
        return SweepPlan.model_validate(given)
    except ValidationError as error:
        raise RequestError(f"The sweep's {reason(error)}.") from error
