"""Steer a run that trains, from any process: pause, step, go on, change its rates, look into its layers.

Each function adds a command to the run's control.json (`runs/commands.py`), and returns its number: the trainer has
handled it once `Status.commands_handled` has reached that number, as a rule within 50 ms. Each raises RequestError, one
sentence, where the run is neither training, paused nor in the queue, or where a value is wrong.

A paused run stays alive, has saved its checkpoint, and gives the training slot to the next run that waits. Steps
made by hand need no slot; going on does, and waits where another run trains by then (state `queued`).
"""

import time
from typing import Any

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.runs import commands
from mnist_core.runs.commands import MAX_STEPS
from mnist_core.runs.records import ACTIVE, Status
from mnist_core.runs.run import Run


def pause(run: Run) -> int:
    """Rest after the update that is being made (at an epoch's end, after its test), and save the checkpoint."""
    return _ask(run, "pause")


def unpause(run: Run) -> int:
    """Go on; steps that are still owed are forgotten."""
    return _ask(run, "unpause")


def step(run: Run, steps: int | str = 1) -> int:
    """Make exactly `steps` more updates (1 to 1,000,000) and rest. Asked twice, both are made.

    A running run counts them from where it is when it handles the command.
    """
    if not (str(steps).isdecimal() and 1 <= int(steps) <= MAX_STEPS):
        raise RequestError(f"steps must be a whole number from 1 to {MAX_STEPS:,}; {steps!r} was given.")
    return _ask(run, "step", steps=int(steps))


def step_epoch(run: Run) -> int:
    """Go on to the end of the epoch, test, and rest."""
    return _ask(run, "step_epoch")


def set_rates(run: Run, learning_rate: float | str | None = None, momentum: float | str | None = None) -> int:
    """Change the learning rate, the momentum (Adam's beta1), or both, from the next update on; None leaves it.

    The values may be text; their bounds are those of `TrainConfig`. A schedule goes on where it is, and scales the new
    learning rate instead of the old.
    """
    asked = {"learning_rate": learning_rate, "momentum": momentum}
    # One at a time: what the rest of the run's config allows does not depend on the rates.
    rates = {name: _checked(name, value) for name, value in asked.items() if value is not None}
    if not rates:
        raise RequestError("Say which rate to change: the learning rate, the momentum, or both.")
    return _ask(run, "rates", **rates)


def watch_layers(run: Run, on: bool) -> int:
    """Have logged updates hold figures of each layer (`training/layer_stats.py`) in metrics.jsonl, or no longer."""
    return _ask(run, "watch_layers", on=bool(on))


def wait(run: Run, serial: int, seconds: float) -> Status:
    """The run's status once the command with this number is handled, or nobody trains it, or after `seconds`."""
    deadline = time.monotonic() + seconds
    while (status := run.status()).commands_handled < serial and status.state in ACTIVE and time.monotonic() < deadline:
        time.sleep(0.02)
    return status


def _ask(run: Run, name: str, **values: Any) -> int:
    state = run.status().state
    if state not in ACTIVE:
        raise RequestError(f"{run.id} is not being trained: it is {state}.")
    return commands.ask(run, name, **values)


def _checked(name: str, value: Any) -> float:
    return getattr(TrainConfig.parse({name: value}), name)
