"""Steer a run that trains, and check one that has: pause, unpause, step, set, verify."""

import json
import time
from typing import Annotated, Any

import typer

from mnist_core.cli import progress
from mnist_core.cli.options import JsonOption, RunArgument
from mnist_core.errors import RequestError
from mnist_core.evaluation.statistics import plural
from mnist_core.jobs import steering
from mnist_core.jobs.verification import verify
from mnist_core.runs import store
from mnist_core.runs.records import ACTIVE, Status
from mnist_core.runs.run import Run

ANSWER_SECONDS = 30.0
app = typer.Typer()


@app.command()
def pause(run: RunArgument = "latest", as_json: JsonOption = False) -> None:
    """Let a training run rest: it stays alive, has saved its checkpoint, and lets the next in the queue train."""
    chosen = store.find(run)
    _say(chosen, _rested(chosen, steering.pause(chosen)), as_json)


@app.command()
def unpause(run: RunArgument = "latest", as_json: JsonOption = False) -> None:
    """Let a paused run go on; it waits in the queue where another run trains by now."""
    chosen = store.find(run)
    _say(chosen, _answered(chosen, steering.unpause(chosen)), as_json)


@app.command()
def step(
    run: RunArgument = "latest",
    steps: Annotated[str | None, typer.Option(metavar="N", help="So many updates; default 1.")] = None,
    epoch: Annotated[bool, typer.Option("--epoch", help="To the end of the epoch, its test included.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make exactly so many more updates, and rest. A run that trains makes them and rests then."""
    if epoch and steps is not None:
        raise RequestError("Say --steps N or --epoch, not both.")
    chosen = store.find(run)
    serial = steering.step_epoch(chosen) if epoch else steering.step(chosen, 1 if steps is None else steps)
    _say(chosen, _rested(chosen, serial), as_json)


@app.command("set")
def set_rates(
    run: RunArgument = "latest",
    learning_rate: Annotated[str | None, typer.Option(metavar="X", help="From the next update on.")] = None,
    momentum: Annotated[str | None, typer.Option(metavar="X", help="From the next update on; Adam's beta1.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Change the rates of a run while it trains; a schedule scales the new learning rate."""
    chosen = store.find(run)
    status = _answered(chosen, steering.set_rates(chosen, learning_rate, momentum))
    _say(chosen, status, as_json, f" with learning rate {status.learning_rate:g}, momentum {status.momentum:g}")


@app.command("verify")
def verify_run(run: RunArgument = "best", as_json: JsonOption = False) -> int:
    """Train a run again from its settings and events, and compare the weights' hash; status 1 where it differs."""
    chosen = store.find(run)
    with progress.share_bar("Training again") as advance:
        found = verify(chosen, advance)
    if as_json:
        print(json.dumps(found._asdict() | {"same": found.same}, indent=1))
        return 0 if found.same else 1
    if found.changed is not None:
        print(f"{chosen.id} was not trained from its settings. It is {found.changed}.")
        what = "gives the same weights to the bit" if found.same else "gives other weights: that run's have changed"
        print(f"Changing those weights again {what} ({found.found[:12]}).")
        return 0 if found.same else 1
    told = f"after {plural(found.step, 'update')}, {plural(found.rate_changes, 'change')} of rates replayed"
    if found.same:
        print(f"{chosen.id}: the same weights to the bit {told} ({found.found[:12]}).")
        return 0
    why = "its files, the machine or the program have changed since"
    if found.differing:
        why = f"it was trained with {found.differing}"
    print(f"{chosen.id}: other weights {told} ({found.found[:12]} instead of {found.recorded[:12]}): {why}.")
    return 1


def _rested(run: Run, serial: int) -> Status:
    """The status once the command has led to a pause; however long the steps take, as long as they are being made."""
    status = _answered(run, serial)
    while status.state in ACTIVE and status.state != "paused":
        time.sleep(0.02)
        status = run.status()
    return status


def _answered(run: Run, serial: int) -> Status:
    status = steering.wait(run, serial, ANSWER_SECONDS)
    if status.commands_handled < serial and status.state in ACTIVE:
        raise RequestError(f"{run.id} has not answered for 30 s: it does as asked once it trains.")
    return status


def _say(run: Run, status: Status, as_json: bool, more: str = "") -> None:
    if as_json:
        names = ("state", "epoch", "step", "samples_seen", "learning_rate", "momentum")
        document: dict[str, Any] = {"run": run.id} | {name: getattr(status, name) for name in names}
        print(json.dumps(document, indent=1))
    else:
        print(f"{run.id} is {status.state} after {plural(status.step, 'step')}{more}.")
