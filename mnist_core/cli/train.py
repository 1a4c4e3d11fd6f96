"""Train, go on, and steer: the commands that start a training or reach one."""

import json
from typing import Annotated, Any

import typer

from mnist_core.cli import progress
from mnist_core.cli.export.sending import LogToOption, sending
from mnist_core.cli.options import JsonOption, NowOption, RunArgument, takes_settings
from mnist_core.cli.report import outcome, report
from mnist_core.config import presets
from mnist_core.config.presets import PRESETS
from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.export.trackers.tracking import parse
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.records import ACTIVE, Status
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import checked_name

INTERRUPTED = 130
app = typer.Typer()


@app.command()
@takes_settings
def train(
    given: dict[str, Any],
    preset: Annotated[
        str, typer.Option(metavar="P", help=f"Start from these settings: {', '.join(PRESETS)}.")
    ] = "tutorial",
    name: Annotated[str, typer.Option(help="A name for the run.")] = "",
    log_to: LogToOption = "",
    now: NowOption = False,
    as_json: JsonOption = False,
) -> int:
    """Train a new run; prints its id, test loss and accuracy with its interval."""
    config, name = TrainConfig.parse(presets.find(preset).values | given), checked_name(name)
    launcher.refuse_missing_device(config)
    tracker = parse(log_to) if log_to else None
    run = store.create(config, name)
    return train_run(run, None, now, as_json, tracker=tracker)


@app.command()
def resume(
    run: Annotated[str, typer.Argument(help="An id, a unique beginning of one, or `latest`.")],
    epochs: Annotated[
        str | None,
        typer.Option(metavar="N", help="The new total: a run of 3 resumed with 8 trains 5 more."),
    ] = None,
    log_to: LogToOption = "",
    now: NowOption = False,
    as_json: JsonOption = False,
) -> int:
    """Go on with an interrupted run, or with a finished one for more epochs."""
    total = None if epochs is None else TrainConfig.parse({"epochs": epochs}).epochs
    tracker = parse(log_to) if log_to else None
    chosen = store.find(run)
    store.refuse_change(chosen)
    return train_run(chosen, total, now, as_json, tracker=tracker)


def train_run(
    run: Run,
    epochs: int | None,
    now: bool,
    as_json: bool,
    quiet: bool = False,
    tracker: tuple[str, str] | None = None,
) -> int:
    """Train with a bar and print the outcome (unless `quiet`); returns the exit status.

    `tracker`: its kind and place, where the training is sent to one.
    """
    from mnist_core.jobs.trainer.worker import Worker

    if not as_json:
        print(run.id, flush=True)
    with sending(run, tracker) as send, progress.training_bar() as show:

        def on_progress(status: Status, total: int) -> None:
            show(status, total)
            send(status, total)

        status = Worker(run, on_progress).work(epochs, at_once=now)
    if as_json and not quiet:
        print(json.dumps(report(run, status), indent=1))
    elif not quiet:
        print(outcome(run, status))
    return INTERRUPTED if status.state == "interrupted" else 0


@app.command()
def stop(run: RunArgument = "latest") -> None:
    """Stop a training run; it saves its checkpoint first and can be resumed."""
    chosen = store.find(run)
    launcher.stop(chosen)
    status = launcher.wait(chosen, seconds=30)
    if status.state in ACTIVE:
        raise RequestError(f"{chosen.id} has not answered for 30 s: it stops as soon as its process goes on.")
    store.refuse_training(chosen)
    print(f"{chosen.id} is {status.state} after {status.step:,} steps.")
